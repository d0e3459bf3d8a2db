"""The API's objects as typed structs, strict about the JSON type of each field, lenient about its spelling.

The classes have only the fields of irregular columns, and known fields that are not stored; `shape_of` adds a field for
every plain column of `queries.model`. A booking has the fields of the current API and of its first version together;
`pipeline.decode.rows` makes flat rows of either. Sources: the API's public reference and samples.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from msgspec import Struct

from pipeline.decode.plain import Number, extended, types_of
from queries.model.attendance import TIES
from queries.model.columns import Column, Entity
from queries.model.entities import ENTITIES
from queries.model.payment import FROM_BOOKING


class Recorded(Struct):
    """Fields that every object may have; the SDK writes their names with an underscore in front."""

    createdDate: str | None = None
    _createdDate: str | None = None
    revision: str | Number | None = None


class Attendance(Recorded):
    pass


class EventOf(Struct):
    """The attendance in an event, as an object or as JSON text; empty if it was deleted."""

    entity: Attendance | None = None
    currentEntity: Attendance | None = None
    deletedEntity: Attendance | None = None
    entityAsJson: str | None = None
    currentEntityAsJson: str | None = None


class EventMetadata(Struct):
    """Fields that every event has; `entityEventSequence` is a decimal string."""

    id: str | None = None
    _id: str | None = None
    entityFqdn: str | None = None
    slug: str | None = None
    entityId: str | None = None
    eventTime: str | None = None
    entityEventSequence: str | int | None = None
    triggeredByAnonymizeRequest: bool | None = None
    originatedFrom: str | None = None


class AttendanceEvent(EventMetadata):
    """The body of a webhook: its JSON text wrapped in `data`, the event itself, or the SDK's entity and metadata."""

    data: str | None = None
    eventType: str | None = None
    instanceId: str | None = None
    identity: Any = None
    metadata: EventMetadata | None = None
    entity: Attendance | None = None
    createdEvent: EventOf | None = None
    updatedEvent: EventOf | None = None
    deletedEvent: EventOf | None = None


class Named(Struct):
    id: str | None = None
    _id: str | None = None
    name: str | None = None
    type: str | None = None


class Slot(Struct):
    startDate: str | None = None
    endDate: str | None = None
    resource: Named | None = None
    location: Named | None = None


class Schedule(Struct):
    location: Named | None = None
    firstSessionStart: str | None = None
    lastSessionEnd: str | None = None


class SingleSession(Struct):
    """The slot in the first version of the API."""

    start: str | None = None
    end: str | None = None


class SetOfSessions(Struct):
    """The schedule in the first version of the API."""

    firstSessionStart: str | None = None
    lastSessionEnd: str | None = None


class Price(Struct):
    amount: str | Number | None = None
    currency: str | None = None


class PriceOptions(Struct):
    general: Price | None = None


class Rate(Struct):
    labeledPriceOptions: PriceOptions | None = None


class BookedEntity(Struct):
    slot: Slot | None = None
    schedule: Schedule | None = None
    singleSession: SingleSession | None = None
    setOfSessions: SetOfSessions | None = None
    tags: list[str] | None = None
    location: Named | None = None
    rate: Rate | None = None


class Contact(Struct):
    contactId: str | None = None
    firstName: str | None = None
    lastName: str | None = None


class Party(Struct):
    numberOfParticipants: Number | None = None


class Choices(Struct):
    serviceChoices: list[Party] | None = None


class FormInfo(Struct):
    contactDetails: Contact | None = None
    paymentSelection: list[Party] | None = None


class AttendanceInfo(Struct):
    """The attendance inside a booking in the first version of the API, with a boolean for the status."""

    attendanceStatus: bool | None = None
    numberOfAttendees: Number | None = None


class BookingSource(Struct):
    """The channel that a booking came through, and who made it."""

    platform: str | None = None
    actor: str | None = None


class MultiService(Struct):
    """The bundle of services that a booking is part of."""

    id: str | None = None


class OfNoshow(Struct):
    attributes: dict[str, str | bool | Number] | None = None


class Namespaces(Struct):
    noshow: OfNoshow | None = None


class ExtendedFields(Struct):
    """Fields that apps add to a booking, each app under a namespace of its own."""

    namespaces: Namespaces | None = None


class Booking(Recorded):
    bookedEntity: BookedEntity | None = None
    bookedResources: list[Named] | None = None
    contactDetails: Contact | None = None
    formInfo: FormInfo | None = None
    totalParticipants: Number | list[Number] | None = None
    numberOfParticipants: Number | None = None
    participantsChoices: Choices | None = None
    attendanceInfo: AttendanceInfo | None = None
    startDate: str | None = None
    endDate: str | None = None
    bookingSource: BookingSource | None = None
    multiServiceBookingInfo: MultiService | None = None
    extendedFields: ExtendedFields | None = None


class AttendanceOfBooking(Struct):
    """The attendance beside the booking in an extended booking: it names neither booking nor session."""


class ExtendedBooking(Struct):
    booking: Booking
    attendance: AttendanceOfBooking | None = None


class BookingFee(Recorded):
    pass


class Payment(Struct):
    """Not an object of the API, which has the money of a booking beside it, in the extended booking."""


class Moment(Struct):
    """A start or end: calendar V2 has a timestamp, events V3 a local date and its time zone."""

    timestamp: str | None = None
    utcDate: str | None = None
    localDate: str | None = None
    localDateTime: Any = None
    timeZone: str | None = None


class Session(Recorded):
    start: Moment | str | None = None
    end: Moment | str | None = None
    timeZone: str | None = None
    timezone: str | None = None
    location: Named | None = None
    resources: list[Named] | None = None
    resource: Named | None = None


class Service(Recorded):
    pass


# Entity -> the columns that its object has not itself beside its booking in an extended booking.
_TAKEN = {"attendance": TIES, "payment": FROM_BOOKING}

# Kind of record -> its struct, and the entity whose plain columns lie behind each prefix of a path.
_SHAPES: dict[str, tuple[type[Struct], dict[str, str]]] = {
    "attendance": (Attendance, {"": "attendance"}),
    "booking": (Booking, {"": "booking"}),
    "extended-booking": (ExtendedBooking, {"booking.": "booking", "attendance.": "attendance", "": "payment"}),
    "booking-fee": (BookingFee, {"": "fee"}),
    "payment": (Payment, {"": "payment"}),
    "session": (Session, {"": "session"}),
    "service": (Service, {"": "service"}),
    "attendance-event": (
        AttendanceEvent,
        {"entity.": "attendance"}
        | {
            f"{event}.{entity}.": "attendance"
            for event in ("createdEvent", "updatedEvent", "deletedEvent")
            for entity in ("entity", "currentEntity", "deletedEntity")
        },
    ),
}


def shape_of(kind: str) -> type[Struct]:
    """The struct that records of a kind are decoded as, with a field for each plain column."""
    return _shape(kind, tuple(ENTITIES[name] for name in _SHAPES[kind][1].values()))


@cache
def _shape(kind: str, entities: tuple[Entity, ...]) -> type[Struct]:
    shape, places = _SHAPES[kind]
    types: dict[str, Any] = {}
    for place, entity in zip(places, entities, strict=True):
        types |= types_of(_columns_at(entity, kind), place)
    return extended(shape, types)


def _columns_at(entity: Entity, kind: str) -> tuple[Column, ...]:
    return beside_booking(entity) if kind == "extended-booking" and entity.name in _TAKEN else entity.plain


def beside_booking(entity: Entity) -> tuple[Column, ...]:
    """The plain columns of an attendance or a payment beside its booking: all but those that it takes from that."""
    return tuple(column for column in entity.plain if column.name not in _TAKEN[entity.name])
