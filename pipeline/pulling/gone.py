"""A full pull goes in; the attendance that the API no longer has comes out, as the events it might have sent.

Only a walk over all attendance that came to its end may say so, and each one that it did not list is asked for once
more by its id, since what changes while pages are turned can slip from one to the next.
"""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl

from pipeline.pulling.walks import wire_instant
from pipeline.store.saved_pulls import SavedPull, id_of, pages_of
from pipeline.typing.typed_rows import key_id
from queries.moments import naive_utc
from queries.packaged import packaged_sql


def not_listed(connection: duckdb.DuckDBPyConnection, saved: SavedPull) -> list[str]:
    """The ids of stored attendance of the bookings fetched that the pull has not listed, and could have.

    Not among them: what was marked here by hand, what noshow gave its id to, and what was said after the pull began.
    """
    listed, bookings = _listed(saved)
    connection.register("listed_attendance", _frame(listed))
    connection.register("fetched_bookings", _frame(bookings))
    began = naive_utc(saved.terms.started_at)
    rows = connection.execute(packaged_sql("pipeline", "pulling", "not_listed"), {"began": began}).fetchall()
    for name in ("listed_attendance", "fetched_bookings"):
        connection.unregister(name)
    return [found for found, booking, key in rows if found != key_id(booking, key)]


def write_deletions(saved: SavedPull) -> None:
    """A file of deleted events among the pages, for what was asked for once more and is not there."""
    pages = (page for part in saved.parts_of_all("again") for page in pages_of(part))
    there = {_id(record) for page in pages for record in page["attendances"]}
    gone = [one for one in saved.planned("again", list) if one not in there]
    saved.write_lines("deleted", [_deleted(one, wire_instant(saved.terms.started_at)) for one in gone])


def bookings_of(saved: SavedPull) -> list[str]:
    """The ids of the bookings fetched."""
    return _listed(saved)[1]


def _listed(saved: SavedPull) -> tuple[list[str], list[str]]:
    """The ids of all attendance that the pages tell of, beside bookings too, and those of the bookings."""
    entries = [entry for page in saved.pages("bookings") for entry in page["extendedBookings"]]
    marks = [entry["attendance"] for entry in entries if isinstance(entry.get("attendance"), dict)]
    marks += [record for page in saved.pages("attendances") for record in page["attendances"]]
    bookings = [entry["booking"] for entry in entries if isinstance(entry.get("booking"), dict)]
    return [_id(mark) for mark in marks], list(dict.fromkeys(map(_id, bookings)))


def _deleted(attendance_id: str, moment: str) -> dict[str, Any]:
    return {"entityId": attendance_id, "slug": "deleted", "eventTime": moment, "deletedEvent": {}}


def _id(record: dict[str, Any]) -> str:
    return id_of(record).lower()


def _frame(ids: list[str]) -> Any:
    return pl.DataFrame({"id": ids}, schema={"id": pl.String}).to_arrow()
