"""Hold marks to the rules of every record, and to stricter ones since someone can correct them.

For example, a record from a file may contradict itself and is flagged; a request that does is refused.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.decode.records import decode_each
from pipeline.faults import Fault
from pipeline.marks.asked import Mark
from pipeline.marks.looking_up import Known
from pipeline.marks.violations import refused, violation
from pipeline.typing.typed_rows import typed_rows
from pipeline.validation.valid_rows import validated
from queries.errors import RequestRefused, Violation
from queries.model.attendance import ATTENDANCE, contradicts

Row = dict[str, Any]
_LOAD_FIRST = "Load it first, or allow unknown ones"
_WRITABLE = ("bookingId", "eventId", "sessionId", "status", "numberOfAttendees")


def typed_marks(marks: Sequence[Mark], now: dt.datetime) -> tuple[list[Row], dict[int, RequestRefused]]:
    """The valid rows of some marks, each with its number as `record`, and the refusals of the others by number.

    A row without an id has the one made of its booking and session.
    """
    stamp = f"{now.isoformat(timespec='microseconds')}Z"
    given = [{name: mark.attendance[name] for name in _WRITABLE if name in mark.attendance} for mark in marks]
    texts = [json.dumps({**attendance, "updatedDate": stamp}).encode() for attendance in given]
    decoded = decode_each(texts, list(range(len(marks))), "attendance")
    rows, faults = [], list(decoded.faults)
    raw = decoded.raw_frames.get("attendance")
    if raw is not None:
        typed, broken = typed_rows(raw, ATTENDANCE, now)
        valid, more = validated(typed, ATTENDANCE, broken)
        rows, faults = valid.rows(named=True), [*faults, *broken, *more]
    of_record: defaultdict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        of_record[fault.record].append(fault)
    return rows, {record: _refusal(found, given[record]) for record, found in of_record.items()}


def _refusal(faults: list[Fault], attendance: Mapping[str, Any]) -> RequestRefused:
    # A fault in a column made from a field, such as the key from a session id, is reported as one of that field.
    reported = [fault for fault in faults if fault.field in attendance] or faults
    return RequestRefused(
        "VALIDATION_ERROR",
        f"attendance: {reported[0].message}",
        "Correct the field",
        tuple(_violation(fault, attendance.get(fault.field)) for fault in reported),
    )


def _violation(fault: Fault, value: Any) -> Violation:
    return violation("attendance" + fault.pointer.replace("/", "."), fault.message, fault.rule, value)


def require_allowed(mark: Mark, row: Row, known: Known, walk_ins: bool) -> None:
    """Raise `RequestRefused` for a contradiction, a booking or session that is not loaded, or too many attendees.

    `walk_ins` is the answer of the settings where the mark leaves it open.
    """
    status, number = row["status"], row["number_of_attendees"]
    if not mark.allow_contradiction and contradicts(status, number):
        raise refused("attendance.numberOfAttendees", "the status contradicts the number", "status_contradicts_number")
    if not mark.allow_unknown:
        if known.booked is None:
            raise RequestRefused("UNKNOWN_BOOKING", "no booking has that id", _LOAD_FIRST)
        if not known.is_for_session:
            raise RequestRefused("UNKNOWN_SESSION", "the booking is not for that session", _LOAD_FIRST)
    allowed = walk_ins if mark.allow_walk_ins is None else mark.allow_walk_ins
    if status == "ATTENDED" and known.booked is not None and number > known.booked and not allowed:
        message = f"{number} attendees, and {known.booked} booked"
        raise refused("attendance.numberOfAttendees", message, "more_than_booked")
