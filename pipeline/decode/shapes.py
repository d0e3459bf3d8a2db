"""The API's objects as typed structs: strict about each field's JSON type, lenient about which spelling is used.

Wire and SDK spellings (`id`, `_id`), the current shape of a booking and that of its first version are all here;
`pipeline.decode.rows` makes flat rows of them. Facts: the API's public reference and samples.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

Number = int | float


class Versioned(Struct):
    """What every object may carry; the SDK writes these names with an underscore before them."""

    id: str | None = None
    sdk_id: str | None = field(default=None, name="_id")
    createdDate: str | None = None
    sdk_created: str | None = field(default=None, name="_createdDate")
    updatedDate: str | None = None
    sdk_updated: str | None = field(default=None, name="_updatedDate")
    revision: str | Number | None = None


class Attendance(Versioned):
    bookingId: str | None = None
    eventId: str | None = None
    sessionId: str | None = None
    status: str | None = None
    numberOfAttendees: Number | None = None
    statusUpdatedDate: str | None = None
    startDate: str | None = None
    timezone: str | None = None


class EventOf(Struct):
    """What happened to an attendance: it, as an object or as JSON text; nothing of it where it was deleted."""

    entity: Attendance | None = None
    currentEntity: Attendance | None = None
    deletedEntity: Attendance | None = None
    entityAsJson: str | None = None
    currentEntityAsJson: str | None = None


class EventMetadata(Struct):
    """What is told of every event; `entityEventSequence` is a decimal string."""

    id: str | None = None
    sdk_id: str | None = field(default=None, name="_id")
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
    sdk_id: str | None = field(default=None, name="_id")
    name: str | None = None
    type: str | None = None


class Slot(Struct):
    eventId: str | None = None
    sessionId: str | None = None
    serviceId: str | None = None
    scheduleId: str | None = None
    startDate: str | None = None
    endDate: str | None = None
    timezone: str | None = None
    resource: Named | None = None
    location: Named | None = None


class Schedule(Struct):
    scheduleId: str | None = None
    serviceId: str | None = None
    timezone: str | None = None
    location: Named | None = None
    firstSessionStart: str | None = None
    lastSessionEnd: str | None = None


class SingleSession(Struct):
    """The slot in the first version of the API."""

    sessionId: str | None = None
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
    serviceId: str | None = None
    scheduleId: str | None = None
    title: str | None = None
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
    """The attendance inside a booking in the first version of the API, where the status was a boolean."""

    attendanceStatus: bool | None = None
    numberOfAttendees: Number | None = None


class Booking(Versioned):
    status: str | None = None
    bookedEntity: BookedEntity | None = None
    bookedResources: list[Named] | None = None
    contactDetails: Contact | None = None
    formInfo: FormInfo | None = None
    totalParticipants: Number | list[Number] | None = None
    numberOfParticipants: Number | None = None
    participantsChoices: Choices | None = None
    attendanceInfo: AttendanceInfo | None = None
    paymentStatus: str | None = None
    startDate: str | None = None
    endDate: str | None = None
    created: str | None = None
    canceledDate: str | None = None
    canceledBy: str | None = None


class AttendanceOfBooking(Struct):
    """The attendance beside an extended booking: it names neither booking nor session."""

    id: str | None = None
    sdk_id: str | None = field(default=None, name="_id")
    status: str | None = None
    numberOfAttendees: Number | None = None
    updatedDate: str | None = None
    sdk_updated: str | None = field(default=None, name="_updatedDate")
    statusUpdatedDate: str | None = None


class ExtendedBooking(Struct):
    booking: Booking
    attendance: AttendanceOfBooking | None = None


class Moment(Struct):
    """A start or end: calendar V2 gives a timestamp, events V3 a local date and its zone."""

    timestamp: str | None = None
    utcDate: str | None = None
    localDate: str | None = None
    localDateTime: Any = None
    timeZone: str | None = None


class Session(Versioned):
    serviceId: str | None = None
    scheduleOwnerId: str | None = None
    scheduleId: str | None = None
    title: str | None = None
    start: Moment | str | None = None
    end: Moment | str | None = None
    timeZone: str | None = None
    timezone: str | None = None
    location: Named | None = None
    resources: list[Named] | None = None
    resource: Named | None = None
    totalCapacity: Number | None = None
    capacity: Number | None = None
    status: str | None = None


class Service(Versioned):
    name: str | None = None
    type: str | None = None
    defaultCapacity: Number | None = None
