"""Bring a database of an earlier version up to today's tables and views.

`0002.sql` takes a database from version 1 to version 2, and so on. New databases are made from `tables.sql`, which has
today's version; a test compares the two, comments included.
"""

from __future__ import annotations

import duckdb

from queries.database import SCHEMA_VERSION
from queries.packaged import packaged_sql
from queries.views import install_views

OLDEST = 1


def bring_up_to_date(connection: duckdb.DuckDBPyConnection, noshow_version: str) -> bool:
    """Apply the migrations that the database lacks, within the caller's transaction; return whether it changed.

    Views and macros are part of noshow's code, so they are replaced even if only the version of noshow differs.
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
    """The statements that take a database of the previous version to this one."""
    return packaged_sql("pipeline", "store", "migrations", f"{version:04d}")
