"""Keep a content hash of every table up to date with each change, and compare the tables with it.

DuckDB's checksums of blocks miss words that changed places (29 of 60 such files opened with wrong data), so noshow
hashes the rows itself: count, xor and sum of `hash(row)`. A change subtracts the rows it replaces and adds the rows it
writes. The state is never replaced by a new hash of the table, which may have been damaged since: damage must not
become the expected content. A view or macro has a state as well: with other words in its SQL it counts other rows.

For example, a table of the rows a and b has the state (2, a ^ b, a + b). Updating b to c in a tracked block gives
(2, a ^ b ^ b ^ c, a + b - b + c) = (2, a ^ c, a + c). If a was damaged on the disk, the state still expects a.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

import duckdb

from pipeline.store.tables import ROSTER, TRACKED, content_sql, contents_sql
from queries.packaged import packaged_sql


class State(NamedTuple):
    """The content hash of some rows: their number, and the xor and sum of their hashes."""

    rows: int
    xor: int
    sum: int


_NONE = State(0, 0, 0)
# A condition on the rows of a table (as SQL, the table being called `whole_row`) and the values it binds.
Rows = tuple[str, Mapping[str, Any]]
ALL_ROWS: Rows = ("true", {})
NO_ROWS: Rows = ("false", {})
_DEFINITIONS = packaged_sql("pipeline", "store", "definition_hashes")
_OF_DEFINITION = "definition of "
_NEW = "insert into internal.table_state values ($name, $rows, $xor, $sum, $engine)"
_CARRIED = (
    "update internal.table_state set row_count = row_count + $rows, hash_xor = xor(hash_xor, $xor::ubigint), "
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
    """Update the state of a table by the changes of the block, within the caller's transaction.

    `before` must match the rows that the block removes or changes, and `after` the rows it leaves in their place; it is
    the same condition by default. Rows that the block leaves alone may match too, if they match both. `taken` is the
    state of the rows matching `before`, if it is known already.
    """
    taken = taken or _state(connection, table, before)
    yield
    left = _state(connection, table, after or before)
    change = {"rows": left.rows - taken.rows, "xor": left.xor ^ taken.xor, "sum": left.sum - taken.sum, "name": table}
    connection.execute(_CARRIED, change)


def take_states(connection: duckdb.DuckDBPyConnection) -> None:
    """Hash every table, view and macro: for a new database, after a migration, or if another DuckDB hashed them."""
    connection.execute("delete from internal.table_state")
    for table in TRACKED:
        take_state(connection, table)
    take_definitions(connection)


def take_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Hash every view and macro that was just installed."""
    connection.execute(
        "delete from internal.table_state where starts_with(table_name, $prefix)", {"prefix": _OF_DEFINITION}
    )
    connection.execute(f"insert into internal.table_state {_DEFINITIONS}", {"engine": duckdb.__version__})


def take_state(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Hash a table that was just made."""
    rows, xor, total = _state(connection, table, ALL_ROWS)
    bind = {"name": table, "rows": rows, "xor": xor, "sum": total, "engine": duckdb.__version__}
    connection.execute(_NEW, bind)


def hashed_by_another(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the states are missing or of another version of DuckDB, whose `hash()` may differ."""
    engines = connection.execute("select distinct engine from internal.table_state").fetchall()
    return engines != [(duckdb.__version__,)]


def differing_tables(connection: duckdb.DuckDBPyConnection, among: Collection[str] | None = None) -> list[str]:
    """List the tables, all or those `among` the named ones, whose content does not hash to the kept state.

    Empty if another version of DuckDB hashed them, since nothing can be compared then.
    """
    if hashed_by_another(connection):
        return []
    states = kept_states(connection)
    tables = [*TRACKED, *(name for name in states if name == ROSTER)]
    wanted = [table for table in tables if among is None or table in among]
    # Tables without a row, most of them in most databases, by one statement: it takes half the time. The others one
    # after the other, since one statement would need the memory of all of them at once.
    empty = [table for table in wanted if states.get(table) == _NONE]
    found = _states(connection, empty) if empty else {}
    return [table for table in wanted if states.get(table) != (found.get(table) or _state(connection, table, ALL_ROWS))]


def differing_definitions(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """List the views and macros, as `definition of no_show_measures`, whose SQL is not the one that was stored.

    Views and macros that somebody else added do not concern noshow. Empty if another version of DuckDB hashed them.
    """
    if hashed_by_another(connection):
        return []
    kept = kept_states(connection)
    found = {
        name: State(*state)
        for name, *state, _ in connection.execute(_DEFINITIONS, {"engine": duckdb.__version__}).fetchall()
    }
    # A snapshot may store the view of the roster as a table.
    return [
        name
        for name, state in kept.items()
        if name.startswith(_OF_DEFINITION)
        and found.get(name) != state
        and not (ROSTER in kept and name == f"{_OF_DEFINITION}{ROSTER}")
    ]


def kept_states(connection: duckdb.DuckDBPyConnection, database: str = "") -> dict[str, State]:
    """The state that each table must have; another `database` than the connection's own is named with its dot."""
    rows = connection.execute(
        f"select table_name, row_count, hash_xor, hash_sum from {database}internal.table_state"
    ).fetchall()
    return {name: State(*state) for name, *state in rows}


def _states(connection: duckdb.DuckDBPyConnection, tables: Collection[str]) -> dict[str, State]:
    """The states of tables by one statement."""
    return {name: State(*map(int, state)) for name, *state in connection.execute(contents_sql(tables)).fetchall()}


def _state(connection: duckdb.DuckDBPyConnection, table: str, chosen: Rows) -> State:
    if chosen is NO_ROWS:
        return _NONE
    condition, bind = chosen
    return counted(connection, content_sql(table, condition), bind)


def counted(connection: duckdb.DuckDBPyConnection, statement: str, bind: Mapping[str, Any] | None = None) -> State:
    """Run a statement that selects count, xor and sum, and return the state."""
    return State(*map(int, connection.execute(statement, bind or {}).fetchall()[0]))
