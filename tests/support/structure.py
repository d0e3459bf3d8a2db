"""Everything that a database is made of, in an order that allows two of them to be compared."""

from __future__ import annotations

import re
from typing import Any

import duckdb

PARTS = (
    "schema_name, table_name, column_name, data_type, is_nullable, column_default, comment from duckdb_columns()",
    "schema_name, table_name, comment, has_primary_key, index_count, check_constraint_count from duckdb_tables()",
    "view_name, sql, comment, column_count from duckdb_views()",
    "function_name, function_type, parameters, macro_definition, comment from duckdb_functions()",
)
_EXCLUDED = re.compile(r"EXCLUDE \(([^)]*)\)")
_OURS = "where not internal and database_name = current_database() order by all"


def structure(connection: duckdb.DuckDBPyConnection) -> list[list[tuple[Any, ...]]]:
    """The rows of each of PARTS."""
    found = [connection.execute(f"select {part} {_OURS}").fetchall() for part in PARTS]
    return [[tuple(map(_with_excluded_sorted, row)) for row in rows] for rows in found]


def _with_excluded_sorted(value: Any) -> Any:
    """DuckDB keeps the names after EXCLUDE as a set: read from a file, they may come in another order."""
    if not isinstance(value, str):
        return value
    return _EXCLUDED.sub(lambda found: f"EXCLUDE ({', '.join(sorted(found[1].split(', ')))})", value)
