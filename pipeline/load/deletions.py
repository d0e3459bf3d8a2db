"""Remove attendance that was deleted at the source, and bring it back only if the source states it again later.

Deletions and attendance arrive in any order: an export of yesterday may be loaded after today's deletion. So deletions
are kept in a table of their own, and whichever of the two was stated later holds. All within the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
from functools import partial

import duckdb

from pipeline.load.history import keep_history
from pipeline.load.statements import merge_sql
from pipeline.store.content_state import NO_ROWS, tracked
from pipeline.store.removed_rows import note_removed
from queries.model.attendance import ATTENDANCE
from queries.model.entities import TABLES
from queries.packaged import packaged_sql

_sql = partial(packaged_sql, "pipeline", "load")

_LOADED = "select staged_row from verdict where entity = '{0}' and verdict = 'loaded'"
_GONE = f"id in (select id from staged_deleted_attendance where staged_row in ({_LOADED.format('deleted_attendance')}))"
_BACK = f"id in (select id from staged_attendance where staged_row in ({_LOADED.format('attendance')}))"
_BOOKING_UNKNOWN = "select 1 from anonymize_request where booking_id is null limit 1"


def settle_deletions(connection: duckdb.DuckDBPyConnection) -> None:
    """If a file has an attendance and its deletion, judge the earlier of the two as stale."""
    connection.execute(_sql("stated_later"))
    if not _any(connection, "staged_deleted_attendance"):
        return
    connection.execute(_sql("settle_deletions"))
    for entity in (ATTENDANCE, TABLES["deleted_attendance"]):
        connection.execute(merge_sql("unstage_judged", entity))


def hold_back(connection: duckdb.DuckDBPyConnection, entity: str, stated_at: dt.datetime | None) -> None:
    """Judge as stale attendance that was deleted later, and deletions of attendance that was stated later.

    `stated_at` (naive UTC) is the moment at which the source stated the file's records, if known.
    """
    if entity == "attendance" and _any(connection, "deleted_attendance"):
        connection.execute(_sql("hold_back_attendance"), {"stated_at": stated_at})
    if entity == "deleted_attendance":
        connection.execute(_sql("hold_back_deleted_attendance"))


def note_bookings(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the booking of each request to be forgotten, before the attendance that names it is gone."""
    if connection.execute(_BOOKING_UNKNOWN).fetchall():
        with tracked(connection, "anonymize_request"):
            connection.execute(_sql("note_bookings"))


def carry_out(connection: duckdb.DuckDBPyConnection, load_id: int) -> None:
    """Remove deleted attendance from its table, and deletions of attendance that is back from theirs."""
    if _any(connection, "staged_deleted_attendance"):
        keep_history(connection, ATTENDANCE, load_id, _GONE)
        with tracked(connection, "attendance", (_GONE, {}), NO_ROWS):
            note_removed(connection, "attendance", _numbered("attendance", _GONE))
            connection.execute(f"delete from attendance where {_GONE}")
    if _any(connection, "deleted_attendance"):
        keep_history(connection, TABLES["deleted_attendance"], load_id, _BACK)
        with tracked(connection, "deleted_attendance", (_BACK, {}), NO_ROWS):
            note_removed(connection, "deleted_attendance", _numbered("deleted_attendance", _BACK))
            connection.execute(f"delete from deleted_attendance where {_BACK}")


def _numbered(table: str, condition: str) -> str:
    return f"select rowid, hash(whole_row) from {table} as whole_row where {condition}"


def contacts_to_forget(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The ids of contacts that asked the source to be forgotten and are not erased yet."""
    return [contact for (contact,) in connection.execute(_sql("contacts_to_forget")).fetchall()]


def _any(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    return bool(connection.execute(f"select 1 from {table} limit 1").fetchall())
