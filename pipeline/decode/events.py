"""The body of a webhook about attendance goes in; rows of the attendance, its deletion, or both come out.

An event says what became of one attendance: created and updated events carry it, as an object or as JSON text, a
deleted event carries its id. `entityEventSequence` orders the events of one attendance, `eventTime` those that have
none. Facts: the API's public reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from pipeline.decode.shapes import Attendance, AttendanceEvent, EventMetadata, EventOf

Row = dict[str, str | None]
Rows = dict[str, Row]
ToRow = Callable[[Attendance], Rows]
Shape = TypeVar("Shape", bound=msgspec.Struct)

_SUBJECT = "attendance"
# A body wraps the event in JSON text, and that may be wrapped once more.
_MAX_WRAPPED = 3


def event_rows(event: AttendanceEvent, rows_of_attendance: ToRow) -> Rows:
    """The rows that an event feeds. Raises `msgspec.ValidationError` where it is no event of an attendance."""
    event = _unwrapped(event)
    told = event.metadata or event
    if told.entityFqdn and not told.entityFqdn.endswith(_SUBJECT):
        raise _wrong("entityFqdn", f"an event of {_SUBJECT} is expected")
    found = _attendance_of(event)
    rows = _deletion(told) if _is_deletion(event, told) else _mark(told, found, rows_of_attendance)
    if told.triggeredByAnonymizeRequest:
        booking = found.bookingId if found else None
        rows["anonymize_request"] = {"id": _id_of(told, found), "booking_id": booking, "requested_at": told.eventTime}
    return rows


def _unwrapped(event: AttendanceEvent) -> AttendanceEvent:
    for _ in range(_MAX_WRAPPED):
        if event.data is None:
            return event
        event = _decoded(event.data, AttendanceEvent, "data")
    raise _wrong("data", "wrapped too often")


def _is_deletion(event: AttendanceEvent, told: EventMetadata) -> bool:
    is_of_the_sdk = event.metadata is not None and event.entity is None
    return event.deletedEvent is not None or told.slug == "deleted" or is_of_the_sdk


def _attendance_of(event: AttendanceEvent) -> Attendance | None:
    parts = (event.createdEvent, event.updatedEvent, event.deletedEvent)
    return event.entity or next((found for part in parts if part and (found := _entity(part))), None)


def _entity(part: EventOf) -> Attendance | None:
    text = part.currentEntityAsJson or part.entityAsJson
    if text is not None:
        return _decoded(text, Attendance, "entityAsJson")
    return part.currentEntity or part.entity or part.deletedEntity


def _deletion(told: EventMetadata) -> Rows:
    return {
        "deleted_attendance": {
            "id": told.entityId,
            "deleted_at": told.eventTime,
            "event_sequence": _sequence(told),
        }
    }


def _mark(told: EventMetadata, found: Attendance | None, rows_of_attendance: ToRow) -> Rows:
    if found is None:
        raise _wrong("entity", "it is missing")
    rows = rows_of_attendance(found)
    row = rows["attendance"]
    row["id"] = _id_of(told, found)
    row["updated_at"] = row["updated_at"] or told.eventTime
    row["event_sequence"] = _sequence(told)
    return rows


def _id_of(told: EventMetadata, found: Attendance | None) -> str | None:
    own = (found.id or found.sdk_id) if found else None
    return told.entityId or own


def _sequence(told: EventMetadata) -> str | None:
    return None if told.entityEventSequence is None else str(told.entityEventSequence)


def _decoded(text: str, shape: type[Shape], name: str) -> Shape:
    try:
        return msgspec.json.decode(text, type=shape)
    except (msgspec.DecodeError, RecursionError):
        raise _wrong(name, "it is not the JSON text of one") from None


def _wrong(name: str, why: str) -> msgspec.ValidationError:
    """As msgspec words it, so that the record's fault names the place."""
    return msgspec.ValidationError(f"{why} - at `$.{name}`")
