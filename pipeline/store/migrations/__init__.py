"""A database of an earlier version goes in; the same database with today's tables and views comes out.

`0002.sql` takes a database of version 1 to version 2, and so on. A new database is made by `tables.sql` as it is today.
"""

from __future__ import annotations

import duckdb

from queries.database import SCHEMA_VERSION
from queries.packaged import packaged_sql
from queries.views import install_views

OLDEST = 1


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, noshow_version: str) -> bool:
    """Apply, within the caller's transaction, what came after the database's version; whether anything was to do.

    Views and macros are made anew even where only the version of noshow differs: they are part of its code.
    """
    (schema, wrote_last) = connection.execute("select schema_version, noshow_version from site").fetchall()[0]
    if (schema, wrote_last) == (SCHEMA_VERSION, noshow_version):
        return False
    for version in range(schema + 1, SCHEMA_VERSION + 1):
        connection.execute(migration_sql(version))
    connection.execute("update site set schema_version = $version", {"version": SCHEMA_VERSION})
    install_views(connection)
    return True


def migration_sql(version: int) -> str:
    """The statements that take a database of the version before to this one."""
    return packaged_sql("pipeline", "store", "migrations", f"{version:04d}")
