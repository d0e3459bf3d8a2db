"""A typed object of the API goes in; flat rows of text by entity come out: {"booking": {…}, "attendance": {…}}."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct

from pipeline.decode.events import event_rows
from pipeline.decode.shapes import (
    Attendance,
    AttendanceEvent,
    AttendanceOfBooking,
    BookedEntity,
    Booking,
    Contact,
    ExtendedBooking,
    Moment,
    Named,
    Number,
    Party,
    Schedule,
    Service,
    Session,
    Slot,
    Versioned,
)

Row = dict[str, str | None]
Rows = dict[str, Row]

_TYPE_OF_TAG = {"INDIVIDUAL": "APPOINTMENT", "GROUP": "CLASS", "COURSE": "COURSE"}
_STATUS_OF_BOOLEAN = {True: "ATTENDED", False: "NOT_ATTENDED", None: "NOT_SET"}


def rows_of(value: Any) -> Rows:
    """Flat rows of a decoded object, one for each entity that it feeds."""
    return _ROWS[type(value)](value)


# Column of the attendance -> the fields of the shape that may hold it.
ATTENDANCE_FIELDS = {
    "id": ("id", "sdk_id"),
    "booking_id": ("bookingId",),
    "event_id": ("eventId",),
    "session_id": ("sessionId",),
    "status": ("status",),
    "number_of_attendees": ("numberOfAttendees",),
    "starts_at": ("startDate",),
    "time_zone": ("timezone",),
    "status_updated_at": ("statusUpdatedDate",),
    "updated_at": ("updatedDate", "sdk_updated"),
}


def _attendance_rows(a: Attendance) -> Rows:
    return {"attendance": {column: _first(a, names) for column, names in ATTENDANCE_FIELDS.items()}}


def _first(value: Struct, names: Iterable[str]) -> str | None:
    """The first of the fields that is given, as text."""
    return next((_number(given) for name in names if (given := getattr(value, name)) is not None), None)


def _extended_rows(extended: ExtendedBooking) -> Rows:
    rows = _booking_rows(extended.booking)
    if extended.attendance:
        rows["attendance"] = _attendance_of(rows["booking"], extended.attendance)
    return rows


def _booking_rows(b: Booking) -> Rows:
    entity = b.bookedEntity or BookedEntity()
    contact = b.contactDetails or (b.formInfo.contactDetails if b.formInfo else None) or Contact()
    price = (entity.rate and entity.rate.labeledPriceOptions and entity.rate.labeledPriceOptions.general) or None
    row = (
        _versioned(b)
        | _booked(entity, b)
        | {
            "status": b.status,
            "service_type": next((_TYPE_OF_TAG[tag] for tag in entity.tags or () if tag in _TYPE_OF_TAG), None),
            "service_name": entity.title,
            "participants": _number(_participants(b)),
            "contact_id": contact.contactId,
            "contact_name": " ".join(filter(None, (contact.firstName, contact.lastName))) or None,
            "payment_status": b.paymentStatus,
            "price": _number(price.amount) if price else None,
            "currency": price.currency if price else None,
            "created_at": b.createdDate or b.sdk_created or b.created,
            "canceled_at": b.canceledDate,
            "canceled_by": b.canceledBy,
        }
    )
    rows = {"booking": row}
    if info := b.attendanceInfo:
        told = AttendanceOfBooking(
            status=_STATUS_OF_BOOLEAN[info.attendanceStatus], numberOfAttendees=info.numberOfAttendees
        )
        rows["attendance"] = _attendance_of(row, told)
    return rows


def _booked(entity: BookedEntity, b: Booking) -> Row:
    """Where and when: from the slot or the schedule, in the current shape or that of the API's first version."""
    slot, schedule = entity.slot or Slot(), entity.schedule or Schedule()
    single = entity.singleSession
    location = slot.location or schedule.location or entity.location or Named()
    staff = slot.resource or next(iter(b.bookedResources or ()), None) or Named()
    course = entity.schedule is not None or entity.setOfSessions is not None
    return {
        "booked_entity": "schedule" if course else "slot",
        "service_id": slot.serviceId or schedule.serviceId or entity.serviceId,
        "schedule_id": slot.scheduleId or schedule.scheduleId or entity.scheduleId,
        "event_id": slot.eventId,
        "session_id": slot.sessionId or (single.sessionId if single else None),
        "starts_at": None if course else slot.startDate or (single.start if single else None) or b.startDate,
        "ends_at": None if course else slot.endDate or (single.end if single else None) or b.endDate,
        "time_zone": slot.timezone or schedule.timezone,
        "location_id": location.id or location.sdk_id,
        "location_name": location.name,
        "staff_id": staff.id or staff.sdk_id,
        "staff_name": staff.name,
    }


def _attendance_of(booking: Row, a: AttendanceOfBooking) -> Row:
    """The attendance of a booking that says nothing of its session: it is tied to the booking's slot."""
    return {
        "id": a.id if a.id is not None else a.sdk_id,
        "booking_id": booking["id"],
        "event_id": booking["event_id"],
        "session_id": booking["session_id"],
        "session_key": f"booking:{(booking['id'] or '').lower()}",
        "status": a.status,
        "number_of_attendees": _number(a.numberOfAttendees),
        "status_updated_at": a.statusUpdatedDate,
        "updated_at": a.updatedDate or a.sdk_updated,
    }


def _session_rows(s: Session) -> Rows:
    start, zone = _moment(s.start)
    end, _ = _moment(s.end)
    staff = s.resource or next((r for r in s.resources or () if r.type in (None, "staff", "STAFF")), None) or Named()
    location = s.location or Named()
    return {
        "session": _versioned(s)
        | {
            "service_id": s.serviceId or s.scheduleOwnerId,
            "service_name": s.title,
            "schedule_id": s.scheduleId,
            "starts_at": start,
            "ends_at": end,
            "time_zone": zone or s.timeZone or s.timezone,
            "location_id": location.id or location.sdk_id,
            "location_name": location.name,
            "staff_id": staff.id or staff.sdk_id,
            "staff_name": staff.name,
            "capacity": _number(s.totalCapacity if s.totalCapacity is not None else s.capacity),
            "status": s.status,
        }
    }


def _service_rows(s: Service) -> Rows:
    return {"service": _versioned(s) | {"name": s.name, "type": s.type, "default_capacity": _number(s.defaultCapacity)}}


_ROWS: dict[type, Callable[[Any], Rows]] = {
    Attendance: _attendance_rows,
    Booking: _booking_rows,
    ExtendedBooking: _extended_rows,
    Session: _session_rows,
    Service: _service_rows,
    AttendanceEvent: lambda event: event_rows(event, _attendance_rows),
}


def _versioned(value: Versioned) -> Row:
    return {
        "id": value.id if value.id is not None else value.sdk_id,
        "updated_at": value.updatedDate or value.sdk_updated,
        "revision": _number(value.revision),
    }


def _moment(moment: Moment | str | None) -> tuple[str | None, str | None]:
    """The text of an instant and the zone it is local to, where it names one."""
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


def _number(value: str | Number | None) -> str | None:
    """Whole floats as such: 1e17 is a number too large, not one that is not whole."""
    whole = isinstance(value, float) and value.is_integer()
    return None if value is None else str(int(value) if whole else value)
