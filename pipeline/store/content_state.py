"""A connection goes in; what its tables must hash to is kept along with each change, and held against what is there.

Count, xor and sum of `hash(row)`: DuckDB's checksums of blocks miss words that changed places, and xor alone cancels
pairs. A change takes away what it replaces and adds what it writes; nothing is counted anew from tables that may have
been damaged since, so damage is never taken for content.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb

from pipeline.store.tables import ROSTER, TRACKED, content_sql


class State(NamedTuple):
    """What rows hash to."""

    rows: int
    xor: int
    sum: int


# A condition on the rows of a table, which it calls `whole_row`, and the values it binds.
Rows = tuple[str, Mapping[str, Any]]
ALL_ROWS: Rows = ("true", {})
NO_ROWS: Rows = ("false", {})
_NEW = "insert into table_state values ($name, $rows, $xor, $sum, $engine)"
_CARRIED = (
    "update table_state set row_count = row_count + $rows, hash_xor = xor(hash_xor, $xor::ubigint), "
    "hash_sum = hash_sum + $sum::hugeint where table_name = $name"
)


@contextmanager
def tracked(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    before: Rows = ALL_ROWS,
    after: Rows | None = None,
    *,
    taken: State | None = None,
) -> Iterator[None]:
    """Carry the table's state over what the block changes, within the caller's transaction.

    `before` holds for the rows that the block takes away, `after` for those it leaves in their place. Where one
    condition serves for both, rows that the block leaves alone may fall under it too. `taken` is the state of those
    that it takes away, where that is known already.
    """
    taken = taken or _state(connection, table, before)
    yield
    left = _state(connection, table, after or before)
    change = {"rows": left.rows - taken.rows, "xor": left.xor ^ taken.xor, "sum": left.sum - taken.sum, "name": table}
    connection.execute(_CARRIED, change)


def take_states(connection: duckdb.DuckDBPyConnection) -> None:
    """Count every table anew: for a new database, after a migration, and where another DuckDB hashed before."""
    connection.execute("delete from table_state")
    for table in TRACKED:
        take_state(connection, table)


def take_state(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Count a table that was just made."""
    rows, xor, total = _state(connection, table, ALL_ROWS)
    bind = {"name": table, "rows": rows, "xor": xor, "sum": total, "engine": duckdb.__version__}
    connection.execute(_NEW, bind)


def hashed_by_another(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the states are missing, or made by another DuckDB, so that they say nothing about the content."""
    engines = connection.execute("select distinct engine from table_state").fetchall()
    return engines != [(duckdb.__version__,)]


def differing_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables whose content is not what was written to them; none can be told where another DuckDB hashed."""
    if hashed_by_another(connection):
        return []
    kept = connection.execute("select table_name, row_count, hash_xor, hash_sum from table_state").fetchall()
    states = {name: (rows, xor, total) for name, rows, xor, total in kept}
    tables = [*TRACKED, *(name for name in states if name == ROSTER)]
    return [table for table in tables if states.get(table) != _state(connection, table, ALL_ROWS)]


def _state(connection: duckdb.DuckDBPyConnection, table: str, chosen: Rows) -> State:
    condition, bind = chosen
    return counted(connection, content_sql(table, condition), bind)


def counted(connection: duckdb.DuckDBPyConnection, statement: str, bind: Mapping[str, Any] | None = None) -> State:
    """The state that a statement of `statements` gives."""
    return State(*map(int, connection.execute(statement, bind or {}).fetchall()[0]))
