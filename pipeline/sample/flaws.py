"""Replace a sound record by the lines that a flawed export would have. The tables list every flaw."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from pipeline.sample.records import Record, guid

Lines = list[bytes]
Flaw = Callable[[Record], Lines]


def line(record: Record) -> bytes:
    """Encode a record as a line."""
    return msgspec.json.encode(record)


def _changed(**changes: object) -> Flaw:
    return lambda record: [line(record | changes)]


def _without(name: str) -> Flaw:
    return lambda record: [line({key: value for key, value in record.items() if key != name})]


def _twice(record: Record) -> Lines:
    return [line(record), line(record)]


def _older_version(record: Record) -> Lines:
    return [line(record | {"status": "NOT_SET", "updatedDate": "2025-01-01T00:00:00.000Z"}), line(record)]


def _undecidable(record: Record) -> Lines:
    undated = {key: value for key, value in record.items() if key != "updatedDate"}
    return [line(undated | {"status": "ATTENDED"}), line(undated | {"status": "NOT_ATTENDED"})]


def _broken(record: Record) -> Lines:
    return [line(record)[: len(line(record)) // 2]]


def _upper_case(record: Record) -> Lines:
    return [line(record | {"id": record["id"].upper(), "bookingId": record["bookingId"].upper()})]


def _nul_in_name(record: Record) -> Lines:
    return [line(record | {"contactDetails": record["contactDetails"] | {"firstName": "Pa\0t"}})]


def _local_start(record: Record) -> Lines:
    slot = {key: value for key, value in record["bookedEntity"].get("slot", {}).items() if key != "timezone"}
    bare = slot | {"startDate": slot.get("startDate", "2026-01-01T10:00:00")[:19]}
    return [line(record | {"bookedEntity": record["bookedEntity"] | {"slot": bare}})]


ATTENDANCE_FLAWS: dict[str, Flaw] = {
    "unknown status": _changed(status="MAYBE"),
    "id that is not a GUID": _changed(id="attendance-17"),
    "negative number": _changed(numberOfAttendees=-1),
    "exact duplicate": _twice,
    "number as text": _changed(numberOfAttendees="2"),
    "attended by nobody": _changed(status="ATTENDED", numberOfAttendees=0),
    "an older version beside the newer": _older_version,
    "number as boolean": _changed(numberOfAttendees=True),
    "no booking": _without("bookingId"),
    "stayed away, three of them": _changed(status="NOT_ATTENDED", numberOfAttendees=3),
    "two versions and no date": _undecidable,
    "a booking nobody knows": lambda record: [line(record | {"bookingId": guid("stranger", record["id"])})],
    "GUIDs in upper case": _upper_case,
    "a line cut short": _broken,
}
BOOKING_FLAWS: dict[str, Flaw] = {
    "NUL in a name": _nul_in_name,
    "start without a zone": _local_start,
    "exact duplicate": _twice,
    "unknown status": _changed(status="TENTATIVE"),
}
