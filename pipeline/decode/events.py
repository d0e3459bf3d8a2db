"""Rows of an attendance, of its deletion, or of both, from the body of a webhook.

An event says what became of one attendance: created and updated events carry it, as an object or as JSON text, a
deleted event carries its id. `entityEventSequence` orders the events of one attendance, `eventTime` those that have
none. Facts: the API's public reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.decode.plain import Reader, Row
from pipeline.decode.shapes import Attendance, AttendanceEvent, EventMetadata, EventOf, shape_of

Rows = dict[str, Row]

_SUBJECT = "attendance"
# A body wraps the event in JSON text, and that may be wrapped once more.
_MAX_WRAPPED = 3


def event_rows(event: AttendanceEvent, read: Reader) -> Rows:
    """The rows that an event feeds. Raises `msgspec.ValidationError` where it is no event of an attendance."""
    event = _unwrapped(event)
    told = event.metadata or event
    if told.entityFqdn and not told.entityFqdn.endswith(_SUBJECT):
        raise _wrong("entityFqdn", f"an event of {_SUBJECT} is expected")
    found = _attendance_of(event)
    row = read(found) if found else None
    rows = _deletion(told) if _is_deletion(event, told) else _mark(told, row)
    if told.triggeredByAnonymizeRequest:
        booking = row["booking_id"] if row else None
        rows["anonymize_request"] = {"id": _id_of(told, row), "booking_id": booking, "requested_at": told.eventTime}
    return rows


def _unwrapped(event: AttendanceEvent) -> AttendanceEvent:
    for _ in range(_MAX_WRAPPED):
        if event.data is None:
            return event
        event = _decoded(event.data, "attendance-event", "data")
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
        found: Attendance = _decoded(text, "attendance", "entityAsJson")
        return found
    return part.currentEntity or part.entity or part.deletedEntity


def _deletion(told: EventMetadata) -> Rows:
    return {
        "deleted_attendance": {
            "id": told.entityId,
            "deleted_at": told.eventTime,
            "event_sequence": _sequence(told),
        }
    }


def _mark(told: EventMetadata, row: Row | None) -> Rows:
    if row is None:
        raise _wrong("entity", "it is missing")
    stamped = {
        "id": _id_of(told, row),
        "updated_at": row["updated_at"] or told.eventTime,
        "event_sequence": _sequence(told),
    }
    return {"attendance": row | stamped}


def _id_of(told: EventMetadata, row: Row | None) -> str | None:
    return told.entityId or (row["id"] if row else None)


def _sequence(told: EventMetadata) -> str | None:
    return None if told.entityEventSequence is None else str(told.entityEventSequence)


def _decoded(text: str, kind: str, name: str) -> Any:
    try:
        return msgspec.json.decode(text, type=shape_of(kind))
    except (msgspec.DecodeError, RecursionError):
        raise _wrong(name, "it is not the JSON text of one") from None


def _wrong(name: str, why: str) -> msgspec.ValidationError:
    """As msgspec words it, so that the record's fault names the place."""
    return msgspec.ValidationError(f"{why} - at `$.{name}`")
