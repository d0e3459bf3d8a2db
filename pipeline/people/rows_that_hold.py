"""Look for texts in the rows of a database or a Parquet file, since its bytes may be compressed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from pathlib import Path

import duckdb

from queries.database import open_snapshot, quoted
from queries.errors import NoshowError

DATABASE, PARQUET = ".duckdb", ".parquet"
_TABLES = """
select '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
from duckdb_tables()
where database_name = current_database() and not internal
"""
# A value of any type is part of the text of its row. There a quote is written as \\', as in {'name': 'Pat O\\'Neil'}.
_HELD = r"""
select 1
from
    (select lower(replace(whole_row::varchar, $$\'$$, $$'$$)) as held from {table} as whole_row),
    (select unnest($texts::varchar[]) as sought)
where contains(held, lower(sought))
limit 1
"""


def rows_hold(file: Path, texts: Collection[str]) -> bool:
    """Whether any row of a database or a Parquet file holds any of the texts, in any case.

    False for a file that DuckDB cannot read, such as a database that another program has open for writing.
    """
    try:
        if file.suffix == PARQUET:
            with duckdb.connect() as connection:
                return _any_holds(connection, [f"read_parquet({quoted(file)})"], texts)
        with closing(open_snapshot(file)) as connection:
            tables = [table for (table,) in connection.execute(_TABLES).fetchall()]
            return _any_holds(connection, tables, texts)
    except (duckdb.Error, NoshowError):
        return False


def _any_holds(connection: duckdb.DuckDBPyConnection, tables: Collection[str], texts: Collection[str]) -> bool:
    return any(connection.execute(_HELD.format(table=table), {"texts": list(texts)}).fetchall() for table in tables)
