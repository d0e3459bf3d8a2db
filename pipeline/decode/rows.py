"""Make columns of text by entity from typed objects of the API: of bookings, and of the attendances beside them.

Plain columns are read from their paths; the irregular columns of `queries.model` are read by the functions here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from msgspec import Struct

from pipeline.decode.events import Rows, event_rows
from pipeline.decode.plain import Columns, Number, Reader, as_text, reader
from pipeline.decode.shapes import (
    BookedEntity,
    Booking,
    BookingSource,
    Contact,
    ExtendedBooking,
    FormInfo,
    Moment,
    Named,
    Party,
    Price,
    PriceOptions,
    Rate,
    Schedule,
    Session,
    SingleSession,
    Slot,
    beside_booking,
    shape_of,
)
from queries.model.attributes import Value, attributes_text
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.payment import SAYING
from queries.model.vocabularies import TYPE_OF_TAG

_STATUS_OF_BOOLEAN = {True: "ATTENDED", False: "NOT_ATTENDED", None: "NOT_SET"}


class Part(NamedTuple):
    """Rows of one entity: the places of the records that they are of, and their texts by column."""

    entity: str
    places: Sequence[int]
    columns: Columns


@dataclass(frozen=True, slots=True)
class Decoding:
    """How records of a kind are decoded: the struct they must fit, and the function that makes rows of many.

    `checked` is called with each struct before; its values are those that `parts` takes. It raises
    `msgspec.ValidationError` for one that is of another kind.
    """

    shape: type[Struct]
    parts: Callable[[Sequence[Any]], Iterable[Part]]
    checked: Callable[[Any], Any] = lambda record: record


def decoding_of(kind: str) -> Decoding:
    """The decoding of a kind of record. Entities are part of the cache's key: tests add columns to them."""
    return _decoding(kind, *ENTITIES.values())


@cache
def _decoding(
    kind: str, service: Entity, session: Entity, booking: Entity, attendance: Entity, payment: Entity, fee: Entity
) -> Decoding:
    marks, bookings = reader(attendance.plain), reader(booking.plain)
    beside, sessions = reader(beside_booking(attendance)), reader(session.plain)
    money = reader(beside_booking(payment))
    parts: dict[str, Callable[[Sequence[Any]], Iterable[Part]]] = {
        "attendance": _whole("attendance", marks),
        "booking": lambda records: _booking_parts(records, bookings),
        "extended-booking": lambda records: _extended_parts(records, bookings, beside, money),
        "session": _whole("session", lambda records: sessions(records) | irregular_of_sessions(records)),
        "service": _whole("service", reader(service.plain)),
        "payment": _whole("payment", reader(payment.plain)),
        "booking-fee": _whole("fee", reader(fee.plain)),
        "attendance-event": _event_parts,
    }
    if kind == "attendance-event":
        return Decoding(shape_of(kind), parts[kind], lambda event: event_rows(event, marks))
    return Decoding(shape_of(kind), parts[kind])


def _whole(entity: str, read: Reader) -> Callable[[Sequence[Any]], Iterable[Part]]:
    """A function that makes one row of the entity of each record."""
    return lambda records: [Part(entity, range(len(records)), read(records))]


def _event_parts(records: Sequence[Rows]) -> Iterator[Part]:
    """The rows of events, which are made one by one."""
    for entity in dict.fromkeys(entity for rows in records for entity in rows):
        places = [place for place, rows in enumerate(records) if entity in rows]
        rows = [records[place][entity] for place in places]
        names = dict.fromkeys(name for row in rows for name in row)
        yield Part(entity, places, {name: [row.get(name) for row in rows] for name in names})


def _extended_parts(
    records: Sequence[ExtendedBooking], read_booking: Reader, read_beside: Reader, read_money: Reader
) -> Iterator[Part]:
    beside = [place for place, record in enumerate(records) if record.attendance]
    booking, *marks = _booking_parts([record.booking for record in records], read_booking, without_mark={*beside})
    yield from (booking, *marks)
    if beside:
        read = read_beside([records[place].attendance for place in beside])
        yield Part("attendance", beside, read | _ties(booking.columns, beside))
    money = read_money(records)
    said = zip(*(money[name] for name in SAYING), strict=True)
    paid = [place for place, texts in enumerate(said) if any(text is not None for text in texts)]
    if paid:
        of_paid = {name: _at(paid, texts) for name, texts in money.items()}
        yield Part("payment", paid, of_paid | _from_booking(booking.columns, paid))


def _from_booking(booking: Columns, places: Sequence[int]) -> Columns:
    """The columns that payments take from the bookings at these places, which they stand beside."""
    of = {"id": "id", "booking_id": "id", "updated_at": "updated_at", "revision": "revision"}
    return {column: _at(places, booking[source]) for column, source in of.items()}


def _booking_parts(records: Sequence[Booking], read: Reader, without_mark: Set[int] = frozenset()) -> Iterator[Part]:
    """The rows of bookings, then those of the marks inside of them, but for those at the places `without_mark`."""
    booking = read(records) | irregular_of_bookings(records)
    yield Part("booking", range(len(records)), booking)
    marked = [place for place, b in enumerate(records) if b.attendanceInfo and place not in without_mark]
    if marked:
        infos = [info for place in marked if (info := records[place].attendanceInfo)]
        said: Columns = {
            "status": [_STATUS_OF_BOOLEAN[info.attendanceStatus] for info in infos],
            "number_of_attendees": [as_text(info.numberOfAttendees) for info in infos],
        }
        yield Part("attendance", marked, said | _ties(booking, marked))


def _ties(booking: Columns, places: Sequence[int]) -> Columns:
    """The columns that tie attendances to the slots of the bookings at these places: they name none themselves."""
    ids = _at(places, booking["id"])
    return {
        "booking_id": ids,
        "event_id": _at(places, booking["event_id"]),
        "session_id": _at(places, booking["session_id"]),
        "session_key": [f"booking:{(id or '').lower()}" for id in ids],
    }


def _at(places: Sequence[int], texts: Sequence[str | None]) -> list[str | None]:
    return [texts[place] for place in places]


# Of objects that a booking or session does not have.
_ENTITY, _SLOT, _SCHEDULE, _SINGLE, _CONTACT = BookedEntity(), Slot(), Schedule(), SingleSession(), Contact()
_NAMED, _RATE, _OPTIONS, _PRICE, _FORM = Named(), Rate(), PriceOptions(), Price(), FormInfo()


def irregular_of_bookings(records: Sequence[Booking]) -> Columns:
    """Location, time, staff and contact of bookings, from their slots or schedules in either version of the API."""
    entities = [b.bookedEntity or _ENTITY for b in records]
    slots = [e.slot or _SLOT for e in entities]
    singles = [e.singleSession or _SINGLE for e in entities]
    contacts = [b.contactDetails or (b.formInfo or _FORM).contactDetails or _CONTACT for b in records]
    locations = [
        slot.location or (e.schedule or _SCHEDULE).location or e.location or _NAMED
        for slot, e in zip(slots, entities, strict=True)
    ]
    staff = [
        slot.resource or (b.bookedResources and b.bookedResources[0]) or _NAMED
        for slot, b in zip(slots, records, strict=True)
    ]
    prices = [((e.rate or _RATE).labeledPriceOptions or _OPTIONS).general or _PRICE for e in entities]
    courses = [e.schedule is not None or e.setOfSessions is not None for e in entities]
    times = list(zip(courses, slots, singles, records, strict=True))
    return {
        "booked_entity": ["schedule" if course else "slot" for course in courses],
        "service_type": [
            next((TYPE_OF_TAG[tag] for tag in e.tags if tag in TYPE_OF_TAG), None) if e.tags else None for e in entities
        ],
        "starts_at": [None if of_course else s.startDate or v1.start or b.startDate for of_course, s, v1, b in times],
        "ends_at": [None if of_course else s.endDate or v1.end or b.endDate for of_course, s, v1, b in times],
        "location_id": [location.id or location._id for location in locations],
        "location_name": [location.name for location in locations],
        "staff_id": [one.id or one._id for one in staff],
        "staff_name": [one.name for one in staff],
        "participants": [as_text(_participants(b)) for b in records],
        "contact_id": [contact.contactId for contact in contacts],
        "contact_name": [" ".join(filter(None, (contact.firstName, contact.lastName))) or None for contact in contacts],
        "price": [as_text(price.amount) for price in prices],
        "currency": [price.currency for price in prices],
        "attributes": [_attributes(b) for b in records],
    }


def _attributes(b: Booking) -> str | None:
    """Named values: those that the API has fields for, and those that noshow wrote into a field of its own."""
    if not (b.bookingSource or b.multiServiceBookingInfo or b.extendedFields):
        return None
    source = b.bookingSource or BookingSource()
    spaces = b.extendedFields and b.extendedFields.namespaces
    ours = (spaces and spaces.noshow and spaces.noshow.attributes) or {}
    stated: dict[str, Value | None] = {
        "channel": source.platform,
        "booked_by": source.actor,
        "multi_service": True if b.multiServiceBookingInfo else None,
    }
    return attributes_text({**stated, **ours})


def irregular_of_sessions(records: Sequence[Session]) -> Columns:
    """Time and staff of sessions: a moment may be a text or an object, and staff is one of several resources."""
    starts = [_moment(s.start) for s in records]
    staff = [
        s.resource or next((r for r in s.resources or () if r.type in (None, "staff", "STAFF")), None) or _NAMED
        for s in records
    ]
    return {
        "starts_at": [start for start, _ in starts],
        "ends_at": [_moment(s.end)[0] for s in records],
        "time_zone": [zone or s.timeZone or s.timezone for (_, zone), s in zip(starts, records, strict=True)],
        "staff_id": [one.id or one._id for one in staff],
        "staff_name": [one.name for one in staff],
    }


def _moment(moment: Moment | str | None) -> tuple[str | None, str | None]:
    """The text of an instant, and the time zone it is local to if it names one."""
    if moment is None or isinstance(moment, str):
        return moment, None
    local = moment.localDateTime if isinstance(moment.localDateTime, str) else None
    return moment.timestamp or moment.utcDate or moment.localDate or local, moment.timeZone


def _participants(b: Booking) -> Number | None:
    if isinstance(b.totalParticipants, list):
        return sum(b.totalParticipants)
    if b.totalParticipants is not None:
        return b.totalParticipants
    parties = (b.participantsChoices and b.participantsChoices.serviceChoices) or (
        b.formInfo and b.formInfo.paymentSelection
    )
    return b.numberOfParticipants if b.numberOfParticipants is not None else _sum(parties or ())


def _sum(parties: Iterable[Party]) -> Number | None:
    numbers = [party.numberOfParticipants for party in parties if party.numberOfParticipants is not None]
    return sum(numbers) if numbers else None
