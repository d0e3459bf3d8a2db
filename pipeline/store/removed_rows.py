"""Note the rows that are removed from the tables, by number and hash, until they are published.

By them `changed_content` accounts for missing rows, without looking for them in a large table.
"""

from __future__ import annotations

import duckdb

from pipeline.store.content_state import State, counted
from pipeline.store.tables import CONTENT_HASH, located

_TABLE = "create temp table if not exists removed_row (table_name varchar, number bigint, h ubigint)"


def note_removed(connection: duckdb.DuckDBPyConnection, table: str, rows: str) -> None:
    """Note rows of a table that are about to be removed; `rows` is a query for their numbers and hashes."""
    connection.execute(_TABLE)
    connection.execute(f"insert into removed_row select '{table}', * from ({rows})")


def forget_removed(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget the rows that were noted: a snapshot without them is published."""
    connection.execute("drop table if exists temp.removed_row")


def removed_elsewhere(connection: duckdb.DuckDBPyConnection, table: str, written: str) -> State | None:
    """The state of the rows noted of a table, without those in the row numbers `written`; None if one is still there.

    `written` is a condition on `whole_row.rowid`.
    """
    connection.execute(_TABLE)
    connection.execute(
        "create or replace temp table removed_elsewhere as select number, h from removed_row as r, "
        f"lateral (select r.number as rowid) as whole_row where table_name = $table and not ({written})",
        {"table": table},
    )
    still_there = f"select 1 from {located(table)} where rowid in (select number from removed_elsewhere) limit 1"
    if connection.execute(still_there).fetchall():
        return None
    return counted(connection, f"{CONTENT_HASH} from removed_elsewhere")
