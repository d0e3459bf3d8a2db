"""Set and delete attendance by request: check it, write it as any record is written, and answer.

Requests and answers have the API's wire shapes. Three things that the API does not check are refused here: a status
that contradicts the number, more attendees than were booked, and unknown bookings and sessions.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl

from pipeline.decode.records import decode_each
from pipeline.events import log_event
from pipeline.faults import Fault
from pipeline.load.file_load import FileLoad
from pipeline.marks.violations import MAX_BULK, MAX_MESSAGE, only, refused, violation
from pipeline.store.content_state import tracked
from pipeline.store.ledger import Load, next_load_id, write_load
from pipeline.store.opening import Store
from pipeline.typing.typed_rows import typed_rows
from pipeline.validation.valid_rows import validated
from queries.errors import AttendanceNotFound, NoshowError, RequestRefused, Violation
from queries.language.requests import Request, read_body
from queries.listings.attendance import Wire, get_attendance
from queries.model.attendance import ATTENDANCE, contradicts
from queries.moments import naive_utc

# The API's moments are in milliseconds.
_TICK = dt.timedelta(milliseconds=1)
_LOAD_FIRST = "Load it first, or allow unknown ones"
_REQUIRED = ("bookingId", "status")
_WRITABLE = ("bookingId", "eventId", "sessionId", "status", "numberOfAttendees")


def set_attendance(
    store: Store,
    request: Request,
    *,
    allow_walk_ins: bool | None = None,
    allow_unknown: bool = False,
    allow_contradiction: bool = False,
    now: dt.datetime | None = None,
) -> Wire:
    """Mark a booked session and return the mark, {"attendance": {...}}, with its existing or new id.

    The request is {"attendance": {bookingId, eventId or sessionId, status, numberOfAttendees?},
    "participantNotification"?: {...}}.

    More attendees than booked are walk-ins, allowed as `allow_walk_ins` says; if it is None, unless the setting
    `more_than_booked` is "quarantine". A booking or session that is not loaded is refused unless `allow_unknown`, a
    status that contradicts the number unless `allow_contradiction`, which the API itself lets pass.
    Raises `RequestRefused`: SESSION_ID_NOT_PROVIDED, UNKNOWN_BOOKING, UNKNOWN_SESSION, or VALIDATION_ERROR with the
    fields.
    """
    body = read_body(request)
    only(body, ("attendance", "participantNotification"), "")
    attendance = _required(body, "")
    notification = _notification(body.get("participantNotification"), "participantNotification")
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    row = _checked(store, attendance, moment, allow_walk_ins, allow_unknown, allow_contradiction)
    after = _after_stored(store, row["id"][0], moment)
    row = row.with_columns(updated_at=pl.lit(after, row.schema["updated_at"]))
    with _recorded(store, "set_attendance", attendance, moment) as staging:
        staging.stage("attendance", row)
        staging.settle(False, False)
        staging.merge(1)
        if notification:
            _record_notification(store, row, notification, moment)
    return get_attendance(store.connection, row["id"][0])


def bulk_set_attendance(store: Store, request: Request, **options: Any) -> Wire:
    """Mark up to eight booked sessions; return {"results": [{"item"?, "itemMetadata"}], "bulkActionMetadata"}.

    The request is {"attendanceDetails": [{"attendance", "participantNotification"?}], "returnFullEntity"?}. An entry
    without a required field fails the whole call; one refused for another reason fails alone. `options`
    are those of `set_attendance`. Raises `RequestRefused`: ATTENDANCES_MISSING_IN_REQUEST, TOO_MANY_VALUES.
    """
    body = read_body(request)
    only(body, ("attendanceDetails", "returnFullEntity"), "")
    details = _bulk_list(body.get("attendanceDetails"), "attendanceDetails")
    for index, detail in enumerate(details):
        if not isinstance(detail, Mapping):
            raise refused(f"attendanceDetails.{index}", "an object is expected", "object_type")
        _required(detail, f"attendanceDetails.{index}.")
    full = body.get("returnFullEntity") is True
    results = []
    for index, detail in enumerate(details):
        try:
            item = set_attendance(store, detail, **options)["attendance"]
        except NoshowError as error:
            results.append(_result(index, None, error))
        else:
            results.append(({"item": item} if full else {}) | _result(index, item["id"], None))
    return _bulk_answer(results)


def delete_attendance(store: Store, attendance_id: str, *, now: dt.datetime | None = None) -> Wire:
    """Delete a mark, so that older exports do not bring it back, and return {}. Raises `AttendanceNotFound`."""
    stored = get_attendance(store.connection, attendance_id)["attendance"]
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    deletion = pl.DataFrame(
        {"record": [0], "id": [stored["id"]], "deleted_at": [_after_stored(store, stored["id"], moment)]}
    ).with_columns(event_sequence=pl.lit(None, pl.Int64))
    with _recorded(store, "delete_attendance", {"id": stored["id"]}, moment) as staging:
        staging.stage("deleted_attendance", deletion)
        staging.settle(False, False)
        staging.merge(1)
    return {}


def bulk_delete_attendances(store: Store, request: Request, *, now: dt.datetime | None = None) -> Wire:
    """Delete up to eight marks, {"attendanceIds": [...]}; return results and bulkActionMetadata. Each fails alone."""
    body = read_body(request)
    only(body, ("attendanceIds",), "")
    results = []
    for index, attendance_id in enumerate(_bulk_list(body.get("attendanceIds"), "attendanceIds")):
        try:
            delete_attendance(store, attendance_id, now=now)
            results.append(_result(index, str(attendance_id).lower(), None))
        except NoshowError as error:
            known = attendance_id if isinstance(error, AttendanceNotFound) else None
            results.append(_result(index, known, error))
    return _bulk_answer(results)


def _checked(
    store: Store,
    attendance: Mapping[str, Any],
    now: dt.datetime,
    allow_walk_ins: bool | None,
    allow_unknown: bool,
    allow_contradiction: bool,
) -> pl.DataFrame:
    """The valid row of a request: held to the rules of every record, and to stricter ones since someone can correct it.

    For example, a record from a file may contradict itself and is flagged; a request that does is refused.
    """
    row = _typed({name: attendance[name] for name in _WRITABLE if name in attendance}, now)
    values = row.row(0, named=True)
    status, number = values["status"], values["number_of_attendees"]
    if not allow_contradiction and contradicts(status, number):
        raise refused("attendance.numberOfAttendees", "the status contradicts the number", "status_contradicts_number")
    if not allow_unknown:
        _require_known(store, values)
    walk_ins = store.settings.more_than_booked == "flag" if allow_walk_ins is None else allow_walk_ins
    booked = _booked(store, values["booking_id"])
    if status == "ATTENDED" and booked is not None and number > booked and not walk_ins:
        message = f"{number} attendees, and {booked} booked"
        raise refused("attendance.numberOfAttendees", message, "more_than_booked")
    return _with_stored_id(store, row, values)


def _typed(attendance: Mapping[str, Any], now: dt.datetime) -> pl.DataFrame:
    stamped = {**attendance, "updatedDate": f"{now.isoformat(timespec='microseconds')}Z"}
    decoded = decode_each([json.dumps(stamped).encode()], [0], "attendance")
    _raise_for(decoded.faults, attendance)
    typed, faults = typed_rows(decoded.frames()["attendance"], ATTENDANCE, now)
    valid, more = validated(typed, ATTENDANCE, faults)
    _raise_for([*faults, *more], attendance)
    return valid


def _raise_for(faults: list[Fault], attendance: Mapping[str, Any]) -> None:
    if faults:
        # A fault in a column made from a field, such as the key from a session id, is reported as one of that field.
        reported = [fault for fault in faults if fault.field in attendance] or faults
        raise RequestRefused(
            "VALIDATION_ERROR",
            f"attendance: {reported[0].message}",
            "Correct the field",
            tuple(_violation(fault, attendance.get(fault.field)) for fault in reported),
        )


def _violation(fault: Fault, value: Any) -> Violation:
    return violation("attendance" + fault.pointer.replace("/", "."), fault.message, fault.rule, value)


def _require_known(store: Store, values: Mapping[str, Any]) -> None:
    bind = {"booking": values["booking_id"], "key": values["session_key"]}
    # A booking of a course has a row in `booking_session` for each session: the mark must be for one of them.
    sessions = store.connection.execute(
        "select p.session_id = $key or b.event_id = $key or b.session_id = $key from booking as b "
        "left join booking_session as p on p.booking_id = b.id where b.id = $booking::uuid",
        bind,
    ).fetchall()
    if not sessions:
        raise RequestRefused("UNKNOWN_BOOKING", "no booking has that id", _LOAD_FIRST)
    if not any(matches for (matches,) in sessions):
        raise RequestRefused("UNKNOWN_SESSION", "the booking is not for that session", _LOAD_FIRST)


def _booked(store: Store, booking_id: str) -> int | None:
    rows = store.connection.execute(
        "select greatest(1, coalesce(participants, 1)) from booking where id = $id::uuid", {"id": booking_id}
    ).fetchall()
    return int(rows[0][0]) if rows else None


def _with_stored_id(store: Store, row: pl.DataFrame, values: Mapping[str, Any]) -> pl.DataFrame:
    """The row with the id already stored for its booking and session; a new pair keeps the id derived from it."""
    stored = store.connection.execute(
        "select id::varchar from attendance where booking_id = $booking::uuid and session_key = $key",
        {"booking": values["booking_id"], "key": values["session_key"]},
    ).fetchall()
    return row.with_columns(id=pl.lit(stored[0][0])) if stored else row


def _after_stored(store: Store, attendance_id: str, now: dt.datetime) -> dt.datetime:
    """The moment of a change: now, or just after the stored mark and its deletion if the clock has gone back since.

    As older than they are it would change nothing, and the answer would still be that of a change made.
    """
    (stored,) = store.connection.execute(
        "select max(moment) from (select updated_at as moment from attendance where id = $id::uuid "
        "union all select deleted_at from deleted_attendance where id = $id::uuid)",
        {"id": attendance_id},
    ).fetchall()[0]
    return max(now, stored + _TICK) if stored else now


@contextmanager
def _recorded(store: Store, call: str, request: Mapping[str, Any], now: dt.datetime) -> Iterator[FileLoad]:
    """A transaction with a row in the ledger; if anything in it fails, all of it is undone.

    The row's hash is that of the request with its moment and number: the journal compares loads by their hash, so the
    same mark made twice needs two hashes.
    """
    connection = store.connection
    load_id = next_load_id(connection)
    with store.transaction():
        yield FileLoad(connection, load_id, call, now)
        text = json.dumps([call, request, now.isoformat(), load_id], sort_keys=True, default=str).encode()
        counts = {"read": 1, "loaded": 1, "unchanged": 0, "duplicate": 0, "left_out": 0, "stale": 0, "quarantined": 0}
        sha256 = hashlib.sha256(text).hexdigest()
        log_event("mark.recorded", load=load_id, call=call)
        write_load(connection, Load(load_id, call, "mark", sha256, call, len(text), counts, {}, (), now))


def _record_notification(store: Store, row: pl.DataFrame, notification: Mapping[str, Any], now: dt.datetime) -> None:
    with tracked(store.connection, "participant_notification"):
        store.connection.execute(
            "insert into participant_notification values ($booking::uuid, $key, $notify, $message, $now)",
            {
                "booking": row["booking_id"][0],
                "key": row["session_key"][0],
                "notify": notification.get("notifyParticipants") is True,
                "message": notification.get("message"),
                "now": now,
            },
        )


def _required(body: Mapping[str, Any], path: str) -> Mapping[str, Any]:
    """Return the attendance of a request. Raises `RequestRefused` if a required field is missing."""
    attendance = body.get("attendance")
    if attendance is None:
        raise refused(f"{path}attendance", "attendance is missing", "required")
    if not isinstance(attendance, Mapping):
        raise refused(f"{path}attendance", "an object is expected", "object_type")
    for name in _REQUIRED:
        if attendance.get(name) is None:
            raise refused(f"{path}attendance.{name}", f"{name} is missing", "required")
    if not attendance.get("eventId") and not attendance.get("sessionId"):
        raise RequestRefused("SESSION_ID_NOT_PROVIDED", "neither eventId nor sessionId is given", "Name the session")
    return attendance


def _notification(value: Any, path: str) -> Mapping[str, Any] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise refused(path, "an object is expected", "object_type")
    only(value, ("notifyParticipants", "message"), f"{path}.")
    notify, message = value.get("notifyParticipants"), value.get("message")
    if notify is not None and not isinstance(notify, bool):
        raise refused(f"{path}.notifyParticipants", "true or false is expected", "boolean_type")
    if message is not None and not isinstance(message, str):
        raise refused(f"{path}.message", "a text is expected", "text_type")
    if message is not None and not 1 <= len(message) <= MAX_MESSAGE:
        expected = f"a text of 1 to {MAX_MESSAGE:,} characters is expected"
        raise refused(f"{path}.message", expected, "message_length", message)
    return value


def _bulk_list(value: Any, name: str) -> list[Any]:
    if not value:
        raise RequestRefused("ATTENDANCES_MISSING_IN_REQUEST", f"{name} is missing or empty", "Give 1 to 8")
    if not isinstance(value, list):
        raise refused(name, "a list is expected", "list_type")
    if len(value) > MAX_BULK:
        raise refused(name, f"{len(value)} entries, at most {MAX_BULK}", "list_size", value)
    return value


def _result(index: int, attendance_id: str | None, error: NoshowError | None) -> Wire:
    metadata: Wire = {"id": attendance_id} if attendance_id else {}
    metadata |= {"originalIndex": index, "success": error is None}
    if error:
        metadata["error"] = {"code": error.code, "description": error.message}
    return {"itemMetadata": metadata}


def _bulk_answer(results: list[Wire]) -> Wire:
    successes = sum(result["itemMetadata"]["success"] for result in results)
    totals = {"totalSuccesses": successes, "totalFailures": len(results) - successes, "undetailedFailures": 0}
    return {"results": results, "bulkActionMetadata": totals}
