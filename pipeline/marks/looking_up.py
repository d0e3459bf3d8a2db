"""Look up the bookings of some marks, and the marks that are stored for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from pipeline.load.statements import content, row_key
from queries.model.attendance import ATTENDANCE
from queries.packaged import packaged_sql
from queries.statements import pairs_sql


@cache
def marks_sql(name: str) -> str:
    """The statement of one of the files here, with the names and comparisons of the model."""
    return packaged_sql("pipeline", "marks", name).format(
        pairs=pairs_sql(),
        columns=", ".join(f"{column} {ATTENDANCE.sql_type(column)}" for column in ATTENDANCE.names),
        row_key=row_key(ATTENDANCE),
        content=content(ATTENDANCE),
    )


@dataclass(frozen=True, slots=True)
class Known:
    """The participants that were booked, or None without the booking, and whether it is for the session."""

    booked: int | None
    is_for_session: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored mark: its number in the table, id, pair of booking and session, and moment (naive UTC)."""

    rowid: int
    id: str
    pair: tuple[str, str]
    updated_at: dt.datetime | None


def note_asked(connection: duckdb.DuckDBPyConnection, rows: Iterable[Mapping[str, Any]]) -> None:
    """Make the temporary table `asked_mark` of the pairs and ids that marks are about."""
    asked = [{name: row[name] for name in ("record", "id", "booking_id", "session_key")} for row in rows]
    connection.execute(marks_sql("asked_marks"), {"asked": asked})


def known_bookings(connection: duckdb.DuckDBPyConnection) -> dict[int, Known]:
    """The stored facts on the booking of each asked mark, by record."""
    rows = connection.execute(marks_sql("known_bookings")).fetchall()
    known = {record: Known(booked, bool(is_for_session)) for record, booked, is_for_session in rows}
    # A session of a course is not named by the booking itself. Looking for it takes longer, and few marks need it.
    if others := [record for record, one in known.items() if one.booked is not None and not one.is_for_session]:
        found = connection.execute(marks_sql("known_pairs"), {"records": others}).fetchall()
        known |= {record: Known(known[record].booked, True) for (record,) in found}
    return known


def stored_marks(connection: duckdb.DuckDBPyConnection) -> list[Stored]:
    """The stored marks that have the pair or the id of an asked one."""
    rows = connection.execute(marks_sql("stored_marks")).fetchall()
    return [Stored(rowid, id, (booking, key), moment) for rowid, id, booking, key, moment in rows]


def deletions(connection: duckdb.DuckDBPyConnection, ids: Iterable[str]) -> dict[str, dt.datetime]:
    """The moments (naive UTC) at which marks of some ids were deleted."""
    return dict(connection.execute(marks_sql("deleted_marks"), {"ids": list(ids)}).fetchall())
