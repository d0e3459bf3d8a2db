"""The API's wire shapes as types: the bodies of its requests and of its responses.

They describe plain dicts, and are types for checkers and editors only. A field that is not known is left out, never
null. Times are ISO texts, ids GUIDs in lower case.
"""

# Without `from __future__ import annotations`, with which Python does not see which fields are `NotRequired`.
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

# An object of the API, whichever it is.
Wire = Mapping[str, Any]

AttendanceStatus = Literal["NOT_SET", "ATTENDED", "NOT_ATTENDED"]


class Attendance(TypedDict):
    """Whether a booking of one session was attended, and by how many."""

    id: str
    bookingId: str
    status: AttendanceStatus
    numberOfAttendees: int
    eventId: NotRequired[str]
    sessionId: NotRequired[str]
    startDate: NotRequired[str]
    timezone: NotRequired[str]
    statusUpdatedDate: NotRequired[str]
    updatedDate: NotRequired[str]


class AttendanceResponse(TypedDict):
    """The answer of getAttendance and setAttendance."""

    attendance: Attendance


class CountResponse(TypedDict):
    """The answer of the calls that count."""

    count: int


# --- queries ---


class Sorting(TypedDict):
    """A field to sort by."""

    fieldName: str
    order: NotRequired[Literal["ASC", "DESC"]]


class CursorPaging(TypedDict, total=False):
    """The size of a page, or the cursor of one that was given with the page before."""

    limit: int
    cursor: str


class AttendanceQuery(TypedDict, total=False):
    """A query: filter of the query language, sort and page."""

    filter: dict[str, Any]
    sort: list[Sorting]
    cursorPaging: CursorPaging


class QueryAttendanceRequest(TypedDict, total=False):
    """The body of queryAttendance."""

    query: AttendanceQuery


class Cursors(TypedDict, total=False):
    """The cursors of the pages after and before one."""

    next: str
    prev: str


class PagingMetadata(TypedDict):
    """Where a page stands."""

    count: int
    cursors: Cursors
    hasNext: bool


class QueryAttendanceResponse(TypedDict):
    """The answer of queryAttendance."""

    attendances: list[Attendance]
    pagingMetadata: PagingMetadata


# --- setting and deleting ---


class AttendanceToSet(TypedDict):
    """The attendance to set; one of `eventId` and `sessionId` names the session."""

    bookingId: str
    status: AttendanceStatus
    eventId: NotRequired[str]
    sessionId: NotRequired[str]
    numberOfAttendees: NotRequired[int]


class ParticipantNotification(TypedDict, total=False):
    """A message to the participants, which noshow keeps and does not send."""

    notifyParticipants: bool
    message: str


class SetAttendanceRequest(TypedDict):
    """The body of setAttendance, and an entry of bulkSetAttendance."""

    attendance: AttendanceToSet
    participantNotification: NotRequired[ParticipantNotification]


class BulkSetAttendanceRequest(TypedDict):
    """The body of bulkSetAttendance: 1 to 8 entries."""

    attendanceDetails: list[SetAttendanceRequest]
    returnFullEntity: NotRequired[bool]


class BulkDeleteAttendancesRequest(TypedDict):
    """The body of bulkDeleteAttendances: 1 to 8 ids."""

    attendanceIds: list[str]


class ItemError(TypedDict):
    """Why an entry of a bulk call failed."""

    code: str
    description: str


class ItemMetadata(TypedDict):
    """The outcome of an entry of a bulk call."""

    originalIndex: int
    success: bool
    id: NotRequired[str]
    error: NotRequired[ItemError]


class BulkResult(TypedDict):
    """The result of an entry of a bulk call; `item` is there if `returnFullEntity` asks for it."""

    itemMetadata: ItemMetadata
    item: NotRequired[Attendance]


class BulkActionMetadata(TypedDict):
    """How many entries of a bulk call succeeded and failed."""

    totalSuccesses: int
    totalFailures: int
    undetailedFailures: int


class BulkResponse(TypedDict):
    """The answer of bulkSetAttendance and bulkDeleteAttendances."""

    results: list[BulkResult]
    bulkActionMetadata: BulkActionMetadata


# --- errors ---


class ApplicationError(TypedDict):
    """An error with its code; `data` may have `path`, a JSON pointer into the request, and `hint`."""

    code: str
    description: str
    data: dict[str, str]


class FieldViolation(TypedDict):
    """A field of a request that breaks a rule."""

    field: str
    description: str
    violatedRule: str
    ruleName: NotRequired[str]
    data: NotRequired[dict[str, Any]]


class ValidationError(TypedDict):
    """The fields of a request that break rules."""

    fieldViolations: list[FieldViolation]


class ErrorDetails(TypedDict, total=False):
    """One of the two kinds of errors."""

    applicationError: ApplicationError
    validationError: ValidationError


class ErrorResponse(TypedDict):
    """The body of an error, of `NoshowError.to_wire()` too."""

    message: str
    details: ErrorDetails


# --- extended bookings ---


class Named(TypedDict, total=False):
    """A location, or a member of staff."""

    id: str
    name: str


class Slot(TypedDict, total=False):
    """The session of an appointment or a class that a booking is of."""

    serviceId: str
    scheduleId: str
    eventId: str
    sessionId: str
    startDate: str
    endDate: str
    timezone: str
    location: Named
    resource: Named


class Schedule(TypedDict, total=False):
    """The course that a booking is of; its id is null only if noshow knows nothing of the course."""

    serviceId: str
    scheduleId: str | None
    timezone: str
    location: Named


class BookedEntity(TypedDict, total=False):
    """The booked entity: a slot or a schedule."""

    title: str
    tags: list[str]
    slot: Slot
    schedule: Schedule
    rate: dict[str, Any]


class ContactDetails(TypedDict, total=False):
    """Who booked."""

    contactId: str
    firstName: str


class Booking(TypedDict):
    """A booking, with the fields that noshow stores."""

    id: str
    status: str
    bookedEntity: NotRequired[BookedEntity]
    bookedResources: NotRequired[list[Named]]
    contactDetails: NotRequired[ContactDetails]
    totalParticipants: NotRequired[int]
    paymentStatus: NotRequired[str]
    startDate: NotRequired[str]
    endDate: NotRequired[str]
    createdDate: NotRequired[str]
    updatedDate: NotRequired[str]
    canceledDate: NotRequired[str]
    canceledBy: NotRequired[str]
    revision: NotRequired[str]
    bookingSource: NotRequired[dict[str, str]]
    extendedFields: NotRequired[dict[str, Any]]


class BookingAttendance(TypedDict):
    """The attendance beside an extended booking."""

    id: str
    status: AttendanceStatus
    numberOfAttendees: int


class ExtendedBooking(TypedDict):
    """A booking, and if they are asked for and known its attendance, order, fee policy and fee."""

    booking: Booking
    attendance: NotRequired[BookingAttendance]
    order: NotRequired[Wire]
    bookingPolicySettings: NotRequired[Wire]
    bookingFeeDetails: NotRequired[Wire]


class QueryExtendedBookingsResponse(TypedDict):
    """The answer of queryExtendedBookings."""

    extendedBookings: list[ExtendedBooking]
    pagingMetadata: PagingMetadata
