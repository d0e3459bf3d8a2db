"""Record which calls of the lists were made, and whether somebody was reached."""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.calling.outcomes_file import Call, read_calls, refused
from pipeline.events import log_event
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store
from queries.model.vocabularies import CALL_ARMS
from queries.moments import naive_utc

_CALL, _HELD_BACK = CALL_ARMS
# Booking and session of a row on a list.
Key = tuple[str, str]
_LISTED = "select booking_id::varchar, session_id, arm from call_list order by starts_at"
_UPDATE = """
    update call_list
    set reported_at = $moment, is_reached = coalesce(done.is_reached, call_list.is_reached)
    from done
    where call_list.booking_id = done.booking_id::uuid and call_list.session_id = done.session_id
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records made: calls, those with somebody reached, and those of bookings that were to be held back."""

    calls: int
    reached: int
    held_back: int


def record_calls(store: Store, file: str | os.PathLike[str], *, now: dt.datetime | None = None) -> Recorded:
    """Record the calls of a CSV, Excel or JSON file, all of them or none; the same file again changes nothing else.

    A booking that was held back and called all the same stays in its arm, or the effect of calls would mix with
    the choice of whom to call. Raises `InputNotFound` without the file, and `DataRefused` for a row that cannot be
    understood, a booking that is on no list, one that is listed with several sessions if the row names none, and
    two rows of one booking that contradict each other.
    """
    path = Path(file)
    arms = {(booking, session): arm for booking, session, arm in store.connection.execute(_LISTED).fetchall()}
    done = _by_listed(read_calls(path), arms, path)
    if done:
        _write(store, done, naive_utc(now or dt.datetime.now(dt.UTC)))
    recorded = Recorded(
        calls=len(done),
        reached=sum(is_reached is True for is_reached in done.values()),
        held_back=sum(arms[key] == _HELD_BACK for key in done),
    )
    log_event("calls.recorded", calls=recorded.calls, reached=recorded.reached, held_back=recorded.held_back)
    return recorded


def _by_listed(calls: list[Call], arms: dict[Key, str], file: Path) -> dict[Key, bool | None]:
    """Each listed booking that a row is about, with whether somebody was reached."""
    sessions: dict[str, list[str]] = {}
    for booking, session in arms:
        sessions.setdefault(booking, []).append(session)
    found: dict[Key, bool | None] = {}
    for call in calls:
        key = call.booking_id, _session(call, sessions.get(call.booking_id, []), file)
        if key in found and None not in (found[key], call.is_reached) and found[key] != call.is_reached:
            raise refused(file, call.place, f"{call.booking_id} is there twice, reached and not reached", "Keep one")
        found[key] = call.is_reached if call.is_reached is not None else found.get(key)
    return found


def _session(call: Call, listed: list[str], file: Path) -> str:
    session = call.session_id
    if session is not None and session not in listed:
        # A list in CSV has a ' before a text that would be a formula.
        session = session.removeprefix("'")
    if not listed or session not in (None, *listed):
        about = f"{call.booking_id} with that session" if listed else call.booking_id
        hint = "Take the ids from the lists of `noshow calls`"
        raise refused(file, call.place, f"{about} is on no list of calls", hint)
    if session is None and len(listed) > 1:
        raise refused(
            file, call.place, f"{call.booking_id} is listed with {len(listed)} sessions", "Add the column session_id"
        )
    return session or listed[0]


def _write(store: Store, done: dict[Key, bool | None], moment: dt.datetime) -> None:
    schema = {"booking_id": pl.String, "session_id": pl.String, "is_reached": pl.Boolean}
    rows = [(*key, is_reached) for key, is_reached in done.items()]
    with store.transaction(), tracked(store.connection, "call_list"):
        store.connection.register("done", pl.DataFrame(rows, schema=schema, orient="row").to_arrow())
        store.connection.execute(_UPDATE, {"moment": moment})
        store.connection.unregister("done")
