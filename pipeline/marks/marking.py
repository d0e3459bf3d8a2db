"""Set attendance by request: check it, write it, and answer.

Requests and answers have the API's wire shapes. Three things that the API does not check are refused here: a status
that contradicts the number, more attendees than were booked, and unknown bookings and sessions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.marks.asked import Mark, read_mark, required
from pipeline.marks.bulk import bulk_answer, bulk_list, result
from pipeline.marks.setting import set_marks
from pipeline.marks.violations import only, refused
from pipeline.store.opening import Store
from queries.errors import NoshowError, RequestRefused
from queries.language.requests import Request, read_body
from queries.moments import naive_utc
from queries.wire import AttendanceResponse, BulkResponse, BulkResult


def set_attendance(
    store: Store,
    request: Request,
    *,
    allow_walk_ins: bool | None = None,
    allow_unknown: bool = False,
    allow_contradiction: bool = False,
    now: dt.datetime | None = None,
) -> AttendanceResponse:
    """Mark a booked session and return the mark, {"attendance": {...}}, with its existing or new id.

    The request is {"attendance": {bookingId, eventId or sessionId, status, numberOfAttendees?},
    "participantNotification"?: {...}}.

    More attendees than booked are walk-ins, allowed as `allow_walk_ins` says; if it is None, unless the setting
    `more_than_booked` is "quarantine". A booking or session that is not loaded is refused unless `allow_unknown`, a
    status that contradicts the number unless `allow_contradiction`, which the API itself lets pass.
    Raises `RequestRefused`: SESSION_ID_NOT_PROVIDED, UNKNOWN_BOOKING, UNKNOWN_SESSION, or VALIDATION_ERROR with the
    fields.
    """
    allowed = {
        "allow_walk_ins": allow_walk_ins,
        "allow_unknown": allow_unknown,
        "allow_contradiction": allow_contradiction,
    }
    (answer,) = set_each(store, [read_mark(request, **allowed)], now)
    if isinstance(answer, NoshowError):
        raise answer
    return answer


def set_each(
    store: Store, marks: Sequence[Mark], now: dt.datetime | None = None
) -> list[AttendanceResponse | RequestRefused]:
    """Set several marks in one transaction; return for each the answer or error of `set_attendance`."""
    return set_marks(store, marks, naive_utc(now or dt.datetime.now(dt.UTC)))


def bulk_set_attendance(
    store: Store, request: Request, *, now: dt.datetime | None = None, **options: Any
) -> BulkResponse:
    """Mark up to eight booked sessions; return {"results": [{"item"?, "itemMetadata"}], "bulkActionMetadata"}.

    The request is {"attendanceDetails": [{"attendance", "participantNotification"?}], "returnFullEntity"?}. An entry
    without a required field fails the whole call; one refused for another reason fails alone. `options`
    are those of `set_attendance`. Raises `RequestRefused`: ATTENDANCES_MISSING_IN_REQUEST, TOO_MANY_VALUES.
    """
    body = read_body(request)
    only(body, ("attendanceDetails", "returnFullEntity"), "")
    details = bulk_list(body.get("attendanceDetails"), "attendanceDetails")
    for index, detail in enumerate(details):
        if not isinstance(detail, Mapping):
            raise refused(f"attendanceDetails.{index}", "an object is expected", "object_type")
        required(detail, f"attendanceDetails.{index}.")
    full = body.get("returnFullEntity") is True
    read = [_read(detail, options) for detail in details]
    done = iter(set_each(store, [mark for mark in read if isinstance(mark, Mark)], now))
    results: list[BulkResult] = []
    for index, mark in enumerate(read):
        outcome = next(done) if isinstance(mark, Mark) else mark
        if isinstance(outcome, NoshowError):
            results.append(result(index, None, outcome))
        else:
            item = outcome["attendance"]
            metadata = result(index, item["id"], None)["itemMetadata"]
            results.append({"item": item, "itemMetadata": metadata} if full else {"itemMetadata": metadata})
    return bulk_answer(results)


def _read(detail: Mapping[str, Any], allowed: Mapping[str, Any]) -> Mark | NoshowError:
    try:
        return read_mark(detail, **allowed)
    except NoshowError as error:
        return error
