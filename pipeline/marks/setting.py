"""Set several marks at once: checked in the order given, written in one transaction, each a load of its own."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from pipeline.events import log_event
from pipeline.load.history import keep_history
from pipeline.marks.asked import Mark
from pipeline.marks.checks import Row, require_allowed, typed_marks
from pipeline.marks.looking_up import deletions, known_bookings, marks_sql, note_asked, stored_marks
from pipeline.store.content_state import NO_ROWS, counted, tracked
from pipeline.store.ledger import Load, next_load_id, write_loads
from pipeline.store.opening import Store
from pipeline.store.removed_rows import note_removed
from pipeline.store.tables import CONTENT_HASH
from queries.errors import RequestRefused
from queries.listings.attendance import get_attendances
from queries.model.attendance import ATTENDANCE
from queries.model.entities import TABLES
from queries.wire import AttendanceResponse

_CALL = "set_attendance"
# The API's moments are in milliseconds.
_TICK = dt.timedelta(milliseconds=1)


def set_marks(store: Store, marks: Sequence[Mark], now: dt.datetime) -> list[AttendanceResponse | RequestRefused]:
    """Set marks and return each as it was stored, {"attendance"}, or why it was refused. `now` is naive UTC.

    Marks of different sessions are written together, and a second one of the same session after the first.
    """
    rows, refusals = typed_marks(marks, now)
    outcomes: dict[int, AttendanceResponse | RequestRefused] = dict(refusals)
    while rows:
        round = _checked(store, marks, rows, now)
        _write(store, marks, round, now)
        found = get_attendances(store.connection, [row["id"] for row in round.rows])
        outcomes |= round.refusals | {row["record"]: found[row["id"]] for row in round.rows}
        rows = round.others
    return [outcomes[number] for number in range(len(marks))]


@dataclass(slots=True)
class _Round:
    """Rows of different pairs and ids to be written together, and `others` that come after them.

    `replaced` are the stored rows that give way, each with the place of its successor, and `deleted` the ids of marks
    that are deleted until now.
    """

    rows: list[Row] = field(default_factory=list)
    replaced: list[tuple[int, int]] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)
    others: list[Row] = field(default_factory=list)
    refusals: dict[int, RequestRefused] = field(default_factory=dict)


def _checked(store: Store, marks: Sequence[Mark], rows: list[Row], now: dt.datetime) -> _Round:
    """Check rows against the stored ones, as many as are of different pairs and ids."""
    connection = store.connection
    note_asked(connection, rows)
    known, stored = known_bookings(connection), stored_marks(connection)
    by_pair, by_id = {one.pair: one for one in stored}, {one.id: one for one in stored}
    deleted = deletions(connection, {*by_id, *(row["id"] for row in rows)})
    walk_ins = store.settings.more_than_booked == "flag"
    round, taken = _Round(deleted=set(deleted)), set[object]()
    for place, row in enumerate(rows):
        number, pair = row["record"], (row["booking_id"], row["session_key"])
        try:
            require_allowed(marks[number], row, known[number], walk_ins)
        except RequestRefused as refused:
            round.refusals[number] = refused
            continue
        # A pair keeps the id that it is stored with; a new one has the id made from it.
        id = by_pair[pair].id if pair in by_pair else row["id"]
        if taken & {pair, id}:
            round.others = rows[place:]
            break
        taken |= {pair, id}
        met = {one.rowid for one in (by_pair.get(pair), by_id.get(id)) if one}
        round.replaced += [(rowid, len(round.rows)) for rowid in sorted(met)]
        moments = (by_id[id].updated_at if id in by_id else None, deleted.get(id))
        round.rows.append({**row, "id": id, "updated_at": after_stored(moments, now)})
    return round


def after_stored(stored: Iterable[dt.datetime | None], now: dt.datetime) -> dt.datetime:
    """The moment of a change: now, or just after the stored mark and its deletion if the clock has gone back since.

    As older than they are it would change nothing, and the answer would still be that of a change made.
    """
    return max([now, *(moment + _TICK for moment in stored if moment)])


def _write(store: Store, marks: Sequence[Mark], round: _Round, now: dt.datetime) -> None:
    """Write the rows of a round in one transaction, each with a row in the ledger."""
    if not round.rows:
        return
    connection = store.connection
    first = next_load_id(connection)
    with store.transaction():
        _replace(connection, round, first)
        for place, row in enumerate(round.rows):
            if row["id"] in round.deleted:
                _bring_back(connection, row["id"], first + place)
        asked = [marks[row["record"]] for row in round.rows]
        loads = [mark_load(first + place, _CALL, mark.attendance, now) for place, mark in enumerate(asked)]
        write_loads(connection, loads)
        _note_notifications(connection, zip(round.rows, (mark.notification for mark in asked), strict=True), now)


def _replace(connection: duckdb.DuckDBPyConnection, round: _Round, first: int) -> None:
    """Put the rows in the place of those that they replace, which are kept in the history."""
    rows = [
        {**{name: row[name] for name in ATTENDANCE.names}, "load_id": first + place}
        for place, row in enumerate(round.rows)
    ]
    replaced = [{"met": rowid, "replaced_by": first + place} for rowid, place in round.replaced]
    ours, taken = ("load_id >= $first", {"first": first}), None
    if replaced:
        connection.execute(marks_sql("replaced_marks"), {"replaced": replaced})
        taken = counted(connection, f"{CONTENT_HASH} from (select hash as h from replaced_mark)")
    with tracked(connection, "attendance", NO_ROWS, ours, taken=taken):
        if replaced:
            with tracked(connection, "replaced_row", NO_ROWS, ("replaced_by >= $first", {"first": first})):
                connection.execute(marks_sql("keep_replaced"))
            note_removed(connection, "attendance", "select met, hash from replaced_mark")
            connection.execute("delete from attendance where rowid in (select met from replaced_mark)")
        connection.execute(marks_sql("insert_marks"), {"rows": rows})


def _bring_back(connection: duckdb.DuckDBPyConnection, id: str, load_id: int) -> None:
    """Remove the deletion of a mark that is set again."""
    bind = {"id": id}
    keep_history(connection, TABLES["deleted_attendance"], load_id, "id = $id::uuid", bind)
    with tracked(connection, "deleted_attendance", ("id = $id::uuid", bind), NO_ROWS):
        connection.execute("delete from deleted_attendance where id = $id::uuid", bind)


def mark_load(load_id: int, call: str, request: Mapping[str, Any], now: dt.datetime) -> Load:
    """The load that a call makes.

    Its hash is that of the request with its moment and number: the journal compares loads by their hash, so the same
    mark made twice needs two hashes.
    """
    text = json.dumps([call, request, now.isoformat(), load_id], sort_keys=True, default=str).encode()
    counts = {"read": 1, "loaded": 1, "unchanged": 0, "duplicate": 0, "left_out": 0, "stale": 0, "quarantined": 0}
    log_event("mark.recorded", load=load_id, call=call)
    return Load(load_id, call, "mark", hashlib.sha256(text).hexdigest(), call, len(text), counts, {}, (), now)


def _note_notifications(
    connection: duckdb.DuckDBPyConnection, asked: Iterable[tuple[Row, Mapping[str, Any] | None]], now: dt.datetime
) -> None:
    rows = [
        {
            "booking_id": row["booking_id"],
            "session_key": row["session_key"],
            "notify_participants": notification.get("notifyParticipants") is True,
            "message": notification.get("message"),
            "requested_at": now,
        }
        for row, notification in asked
        if notification
    ]
    if rows:
        with tracked(connection, "participant_notification"):
            connection.execute(marks_sql("insert_notifications"), {"rows": rows})
