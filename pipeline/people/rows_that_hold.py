"""Look for texts in the rows of a database or a Parquet file, since its bytes may be compressed."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import closing
from functools import partial
from pathlib import Path

import duckdb

from queries.database import open_snapshot, quoted
from queries.errors import NoshowError
from queries.packaged import packaged_sql

DATABASE, PARQUET = ".duckdb", ".parquet"
_sql = partial(packaged_sql, "pipeline", "people")


def rows_hold(file: Path, texts: Collection[str]) -> bool:
    """Whether any row of a database or a Parquet file holds any of the texts, in any case.

    False for a file that DuckDB cannot read, such as a database that another program has open for writing.
    """
    try:
        if file.suffix == PARQUET:
            with duckdb.connect() as connection:
                return _any_holds(connection, [f"read_parquet({quoted(file)})"], texts)
        with closing(open_snapshot(file)) as connection:
            tables = [table for (table,) in connection.execute(_sql("every_table")).fetchall()]
            return _any_holds(connection, tables, texts)
    except (duckdb.Error, NoshowError):
        return False


def _any_holds(connection: duckdb.DuckDBPyConnection, tables: Collection[str], texts: Collection[str]) -> bool:
    statement, bind = _sql("row_holding"), {"texts": list(texts)}
    return any(connection.execute(statement.format(table=table), bind).fetchall() for table in tables)
