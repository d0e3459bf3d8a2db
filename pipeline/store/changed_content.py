"""Hold a new snapshot to the content hashes by the rows that changed since the snapshot before it.

All other rows lie in blocks that were not written since they were hashed (see `copies`). Say a table had the state
(8,000,000 rows, x, s), and one row was replaced: it is deleted in its place, and its successor is added at the end.
Then the row groups with blocks that were written, here the last one, are hashed in both snapshots. With the hash of the
row that was deleted elsewhere, which was noted (see `removed_rows`), the difference must be that of the two states,
and that row must be gone. Whatever else happened to the table makes it another, and then all rows are hashed. A table
whose state is the same must have as many rows as before.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

import duckdb

from pipeline.store.content_state import State, counted, differing_tables, hashed_by_another, kept_states
from pipeline.store.removed_rows import removed_elsewhere
from pipeline.store.tables import ROSTER, TRACKED, content_sql, located, rows_sql
from queries.packaged import packaged_sql

# Hashing all of a smaller table takes a few milliseconds.
_WHOLE_BELOW = 50_000
# With row groups in more places than this, it is as fast to hash them all.
_MAX_PLACES = 50
_EARLIER = "earlier."


def differing_since(connection: duckdb.DuckDBPyConnection, blocks: Collection[int]) -> list[str]:
    """List the tables of a new snapshot, the connection's own, that do not hash to the kept states.

    The one published before it is attached as `earlier` and differs in the `blocks`. Empty if another version of DuckDB
    hashed them.
    """
    if hashed_by_another(connection):
        return []
    new, old = kept_states(connection), kept_states(connection, _EARLIER)
    tables = [*TRACKED, *(name for name in new if name == ROSTER)]
    counts = dict(connection.execute(rows_sql(tables)).fetchall())
    unproven = {
        table
        for table in tables
        if table not in new
        or counts[table] != new[table].rows
        or not _follows(connection, table, old.get(table), new[table], blocks)
    }
    return differing_tables(connection, unproven)


def _follows(
    connection: duckdb.DuckDBPyConnection, table: str, old: State | None, new: State, blocks: Collection[int]
) -> bool:
    """Whether the rows that changed account for the difference of a large table's states."""
    if old == new:
        return True
    if not old or new.rows < _WHOLE_BELOW:
        return False
    places = _joined(
        connection.execute(
            packaged_sql("pipeline", "store", "changed_rows"), {"table": located(table), "blocks": sorted(blocks)}
        ).fetchall()
    )
    if len(places) > _MAX_PLACES:
        return False
    written = " or ".join(f"whole_row.rowid between {first:d} and {last:d}" for first, last in places) or "false"
    before, after = (counted(connection, content_sql(table, written, database)) for database in (_EARLIER, ""))
    gone = removed_elsewhere(connection, table, written)
    return (
        gone is not None
        and new.rows - old.rows == after.rows - before.rows - gone.rows
        and new.xor ^ old.xor == after.xor ^ before.xor ^ gone.xor
        and new.sum - old.sum == after.sum - before.sum - gone.sum
    )


def _joined(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places with those that adjoin as one: (0, 4), (5, 9), (20, 24) are (0, 9), (20, 24)."""
    starts = [first for number, (first, _) in enumerate(places) if not number or places[number - 1][1] + 1 != first]
    ends = [last for (_, last), (first, _) in pairwise(places) if last + 1 != first] + [last for _, last in places[-1:]]
    return list(zip(starts, ends, strict=True))
