"""Make rows of the body of a webhook: of an attendance or its deletion, and of a request to be forgotten.

Created and updated events carry the attendance, as an object or as JSON text; a deleted event carries its id.
`entityEventSequence` orders the events of one attendance, or `eventTime` if they have none. Source: the API's public
reference.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pipeline.decode.plain import Reader, Row
from pipeline.decode.shapes import Attendance, AttendanceEvent, EventMetadata, EventOf, shape_of

Rows = dict[str, Row]

_SUBJECT = "attendance"
# A body wraps the event in JSON text as its `data`, and that may be wrapped once more. A limit, since a hostile body
# could be wrapped any number of times.
_MAX_WRAPPED = 3


def event_rows(event: AttendanceEvent, read: Reader) -> Rows:
    """The rows of an event by entity. Raises `msgspec.ValidationError` if it is not an event of an attendance."""
    event = _unwrap(event)
    metadata = event.metadata or event
    if metadata.entityFqdn and not metadata.entityFqdn.endswith(_SUBJECT):
        raise _error("entityFqdn", f"an event of {_SUBJECT} is expected")
    attendance = _attendance_of(event)
    row = {name: text for name, (text,) in read([attendance]).items()} if attendance else None
    rows = _deletion(metadata) if _is_deletion(event, metadata) else _mark(metadata, row)
    if metadata.triggeredByAnonymizeRequest:
        rows["anonymize_request"] = {
            "id": _id_of(metadata, row),
            "booking_id": row["booking_id"] if row else None,
            "requested_at": metadata.eventTime,
        }
    return rows


def _unwrap(event: AttendanceEvent) -> AttendanceEvent:
    for _ in range(_MAX_WRAPPED):
        if event.data is None:
            return event
        event = _decode(event.data, "attendance-event", "data")
    raise _error("data", "wrapped too often")


def _is_deletion(event: AttendanceEvent, metadata: EventMetadata) -> bool:
    # The SDK hands its handlers of deletions `{"metadata": {...}}` alone.
    is_of_the_sdk = event.metadata is not None and event.entity is None
    return event.deletedEvent is not None or metadata.slug == "deleted" or is_of_the_sdk


def _attendance_of(event: AttendanceEvent) -> Attendance | None:
    parts = (event.createdEvent, event.updatedEvent, event.deletedEvent)
    return event.entity or next((entity for part in parts if part and (entity := _entity(part))), None)


def _entity(part: EventOf) -> Attendance | None:
    text = part.currentEntityAsJson or part.entityAsJson
    if text is not None:
        attendance: Attendance = _decode(text, "attendance", "entityAsJson")
        return attendance
    return part.currentEntity or part.entity or part.deletedEntity


def _deletion(metadata: EventMetadata) -> Rows:
    return {
        "deleted_attendance": {
            "id": metadata.entityId,
            "deleted_at": metadata.eventTime,
            "event_sequence": _sequence(metadata),
        }
    }


def _mark(metadata: EventMetadata, row: Row | None) -> Rows:
    if row is None:
        raise _error("entity", "it is missing")
    stamped = {
        "id": _id_of(metadata, row),
        "updated_at": row["updated_at"] or metadata.eventTime,
        "event_sequence": _sequence(metadata),
    }
    return {"attendance": row | stamped}


def _id_of(metadata: EventMetadata, row: Row | None) -> str | None:
    return metadata.entityId or (row["id"] if row else None)


def _sequence(metadata: EventMetadata) -> str | None:
    return None if metadata.entityEventSequence is None else str(metadata.entityEventSequence)


def _decode(text: str, kind: str, name: str) -> Any:
    try:
        return msgspec.json.decode(text, type=shape_of(kind))
    except (msgspec.DecodeError, RecursionError):
        raise _error(name, "it is not the JSON text of one") from None


def _error(name: str, why: str) -> msgspec.ValidationError:
    """An error in the words of msgspec, since the fault of the record takes the place from them."""
    return msgspec.ValidationError(f"{why} - at `$.{name}`")
