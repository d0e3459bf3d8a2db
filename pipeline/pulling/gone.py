"""Find attendance that the API no longer has, and record it as the deletion events that the API would have sent.

Only a finished walk over all attendance can show that one is gone. Each one that it did not list is asked for again by
its id, since a record that changes while the pages are fetched can move from a later page to one already fetched.
"""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl

from pipeline.pulling.walks import wire_instant
from pipeline.store.saved_pulls import SavedPull, id_of, pages_of
from pipeline.typing.made_ids import key_id
from queries.moments import naive_utc
from queries.packaged import packaged_sql


def not_listed(connection: duckdb.DuckDBPyConnection, saved: SavedPull) -> list[str]:
    """List the ids of stored attendance that the pull should have listed, being of the bookings fetched, and did not.

    Left out: marks made by hand, attendance whose id noshow derived itself, and attendance updated or loaded after the
    pull began.
    """
    listed, bookings = _listed(saved)
    connection.register("listed_attendance", _frame(listed))
    connection.register("fetched_bookings", _frame(bookings))
    began = naive_utc(saved.terms.started_at)
    rows = connection.execute(packaged_sql("pipeline", "pulling", "not_listed"), {"began": began}).fetchall()
    for name in ("listed_attendance", "fetched_bookings"):
        connection.unregister(name)
    return [stored for stored, booking, key in rows if stored != key_id(booking, key)]


def write_deletions(saved: SavedPull) -> None:
    """Save deletion events among the pages, for attendance that was asked for again and not found."""
    pages = (page for part in saved.parts_of_all("again") for page in pages_of(part))
    existing = {_id(record) for page in pages for record in page["attendances"]}
    deleted = [asked for asked in saved.planned("again", list) if asked not in existing]
    moment = wire_instant(saved.terms.started_at)
    saved.write_lines("deleted", [_deleted_event(attendance_id, moment) for attendance_id in deleted])


def bookings_of(saved: SavedPull) -> list[str]:
    """The ids of the bookings in a pull."""
    return _listed(saved)[1]


def _listed(saved: SavedPull) -> tuple[list[str], list[str]]:
    """The ids of all attendance in the pages, including attendance within bookings; and the ids of the bookings."""
    entries = [entry for page in saved.pages("bookings") for entry in page["extendedBookings"]]
    marks = [entry["attendance"] for entry in entries if isinstance(entry.get("attendance"), dict)]
    marks += [record for page in saved.pages("attendances") for record in page["attendances"]]
    bookings = [entry["booking"] for entry in entries if isinstance(entry.get("booking"), dict)]
    return [_id(mark) for mark in marks], list(dict.fromkeys(map(_id, bookings)))


def _deleted_event(attendance_id: str, moment: str) -> dict[str, Any]:
    return {"entityId": attendance_id, "slug": "deleted", "eventTime": moment, "deletedEvent": {}}


def _id(record: dict[str, Any]) -> str:
    return id_of(record).lower()


def _frame(ids: list[str]) -> Any:
    return pl.DataFrame({"id": ids}, schema={"id": pl.String}).to_arrow()
