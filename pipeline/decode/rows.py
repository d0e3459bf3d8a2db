"""Make flat rows of text by entity, {"booking": {…}, "attendance": {…}}, from one typed object of the API.

Plain columns are read from their paths; the irregular columns of `queries.model` are read by the functions here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import Struct

from pipeline.decode.events import event_rows
from pipeline.decode.plain import Number, Reader, Row, as_text, reader
from pipeline.decode.shapes import (
    BookedEntity,
    Booking,
    BookingSource,
    Contact,
    ExtendedBooking,
    Moment,
    Named,
    Party,
    Schedule,
    Session,
    Slot,
    beside_booking,
    shape_of,
)
from queries.model.attributes import Value, attributes_text
from queries.model.columns import Entity
from queries.model.entities import ENTITIES
from queries.model.payment import SAYING
from queries.model.vocabularies import TYPE_OF_TAG

Rows = dict[str, Row]

_STATUS_OF_BOOLEAN = {True: "ATTENDED", False: "NOT_ATTENDED", None: "NOT_SET"}


@dataclass(frozen=True, slots=True)
class Decoding:
    """How records of a kind are decoded: the struct they must fit, and the function that makes rows of it."""

    shape: type[Struct]
    rows: Callable[[Any], Rows]


def decoding_of(kind: str) -> Decoding:
    """The decoding of a kind of record. Entities are part of the cache's key: tests add columns to them."""
    return _decoding(kind, *ENTITIES.values())


@cache
def _decoding(
    kind: str, service: Entity, session: Entity, booking: Entity, attendance: Entity, payment: Entity, fee: Entity
) -> Decoding:
    marks, bookings = reader(attendance.plain), reader(booking.plain)
    beside, sessions, services = reader(beside_booking(attendance)), reader(session.plain), reader(service.plain)
    money, payments, fees = reader(beside_booking(payment)), reader(payment.plain), reader(fee.plain)
    rows: dict[str, Callable[[Any], Rows]] = {
        "attendance": lambda mark: {"attendance": marks(mark)},
        "booking": lambda booking: _booking_rows(booking, bookings),
        "extended-booking": lambda extended: _extended_rows(extended, bookings, beside, money),
        "session": lambda session: {"session": sessions(session) | irregular_of_session(session)},
        "service": lambda service: {"service": services(service)},
        "payment": lambda payment: {"payment": payments(payment)},
        "booking-fee": lambda fee: {"fee": fees(fee)},
        "attendance-event": lambda event: event_rows(event, marks),
    }
    return Decoding(shape_of(kind), rows[kind])


def _extended_rows(extended: ExtendedBooking, read_booking: Reader, read_beside: Reader, read_money: Reader) -> Rows:
    rows = _booking_rows(extended.booking, read_booking)
    if extended.attendance:
        rows["attendance"] = read_beside(extended.attendance) | _ties(rows["booking"])
    money = read_money(extended)
    if any(money[name] is not None for name in SAYING):
        rows["payment"] = money | _from_booking(rows["booking"])
    return rows


def _from_booking(booking: Row) -> Row:
    """The columns that a payment takes from the booking that it stands beside."""
    of = {"id": "id", "booking_id": "id", "updated_at": "updated_at", "revision": "revision"}
    return {column: booking[source] for column, source in of.items()}


def _booking_rows(b: Booking, read: Reader) -> Rows:
    row = read(b)
    row.update(irregular_of_booking(b))
    rows = {"booking": row}
    if info := b.attendanceInfo:
        number = as_text(info.numberOfAttendees)
        said: Row = {"status": _STATUS_OF_BOOLEAN[info.attendanceStatus], "number_of_attendees": number}
        rows["attendance"] = said | _ties(row)
    return rows


def _ties(booking: Row) -> Row:
    """The columns that tie an attendance to the slot of its booking, which it does not name itself."""
    return {
        "booking_id": booking["id"],
        "event_id": booking["event_id"],
        "session_id": booking["session_id"],
        "session_key": f"booking:{(booking['id'] or '').lower()}",
    }


def irregular_of_booking(b: Booking) -> Row:
    """Location, time, staff and contact of a booking, from its slot or schedule in either version of the API."""
    entity = b.bookedEntity or BookedEntity()
    slot, schedule, single = entity.slot or Slot(), entity.schedule or Schedule(), entity.singleSession
    contact = b.contactDetails or (b.formInfo.contactDetails if b.formInfo else None) or Contact()
    location = slot.location or schedule.location or entity.location or Named()
    staff = slot.resource or next(iter(b.bookedResources or ()), None) or Named()
    price = (entity.rate and entity.rate.labeledPriceOptions and entity.rate.labeledPriceOptions.general) or None
    course = entity.schedule is not None or entity.setOfSessions is not None
    return {
        "booked_entity": "schedule" if course else "slot",
        "service_type": next((TYPE_OF_TAG[tag] for tag in entity.tags or () if tag in TYPE_OF_TAG), None),
        "starts_at": None if course else slot.startDate or (single.start if single else None) or b.startDate,
        "ends_at": None if course else slot.endDate or (single.end if single else None) or b.endDate,
        "location_id": location.id or location._id,
        "location_name": location.name,
        "staff_id": staff.id or staff._id,
        "staff_name": staff.name,
        "participants": as_text(_participants(b)),
        "contact_id": contact.contactId,
        "contact_name": " ".join(filter(None, (contact.firstName, contact.lastName))) or None,
        "price": as_text(price.amount) if price else None,
        "currency": price.currency if price else None,
        "attributes": _attributes(b),
    }


def _attributes(b: Booking) -> str | None:
    """Named values: those that the API has fields for, and those that noshow wrote into a field of its own."""
    source = b.bookingSource or BookingSource()
    spaces = b.extendedFields and b.extendedFields.namespaces
    ours = (spaces and spaces.noshow and spaces.noshow.attributes) or {}
    stated: dict[str, Value | None] = {
        "channel": source.platform,
        "booked_by": source.actor,
        "multi_service": True if b.multiServiceBookingInfo else None,
    }
    return attributes_text({**stated, **ours})


def irregular_of_session(s: Session) -> Row:
    """Time and staff of a session: a moment may be a text or an object, and staff is one of several resources."""
    start, zone = _moment(s.start)
    end, _ = _moment(s.end)
    staff = s.resource or next((r for r in s.resources or () if r.type in (None, "staff", "STAFF")), None) or Named()
    return {
        "starts_at": start,
        "ends_at": end,
        "time_zone": zone or s.timeZone or s.timezone,
        "staff_id": staff.id or staff._id,
        "staff_name": staff.name,
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
