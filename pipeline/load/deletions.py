"""Ids of attendance go in; their rows leave the table, within the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb

from pipeline.load.content_state import NO_ROWS, tracked


def delete(
    connection: duckdb.DuckDBPyConnection,
    attendance_ids: Sequence[str],
    load_id: int,
    event_time: dt.datetime,
    sequence: int | None = None,
) -> int:
    """Delete attendance by id (GUIDs; unknown ones are passed over); how many rows went.

    `event_time` (naive, UTC) is when it was deleted, `sequence` the number of the event that told it, where one did.
    """
    chosen = ("id in (select unnest($ids::uuid[]))", {"ids": list(attendance_ids)})
    with tracked(connection, "attendance", chosen, NO_ROWS):
        rows = connection.execute(f"delete from attendance where {chosen[0]}", chosen[1]).fetchall()
    return int(rows[0][0])
