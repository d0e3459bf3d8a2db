"""A path, or nothing, goes in; a read-only connection to the published database comes out."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb

from queries.errors import DataRefused, InputNotFound

DEFAULT_DATABASE = Path("data/attendance.duckdb")
SCHEMA_VERSION = 1
_OURS = "select count(*) from duckdb_tables() where table_name in ('site', 'load_ledger', 'booking', 'attendance')"


@dataclass(frozen=True, slots=True)
class Site:
    """What holds for the whole database: the one row of the table `site`.

    `time_zone` (IANA) is used where a session names none; `grace_hours` after its end a session is due;
    a cancellation within `late_hours` of the start is late; `currency` is the site's, or None.
    """

    time_zone: str
    grace_hours: int
    late_hours: int
    currency: str | None
    schema_version: int
    noshow_version: str


def database_path(db: str | os.PathLike[str] | None = None) -> Path:
    """The database file to use: the argument, else `NOSHOW_DB`, else `data/attendance.duckdb`."""
    return Path(db or os.environ.get("NOSHOW_DB") or DEFAULT_DATABASE)


def connect(db: str | os.PathLike[str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open the published snapshot read-only; every query function takes the connection.

    The connection answers queries and nothing else: it cannot write, read other files, load extensions
    or reach a network. A load that is published later is seen by connections opened later.

    Raises `InputNotFound` where no database is, `DataRefused` where the file is not one of ours.
    """
    path = database_path(db)
    if not path.exists():
        raise InputNotFound(
            "database.not_found",
            f"{path}: no database here",
            "Run `noshow ingest FILE` or `noshow demo` first",
        )
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise refused_database(path, error) from error
    try:
        _close_off(connection)
        require_ours(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def require_ours(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise `DataRefused` unless the connection is to a database that noshow made, of a version it knows."""
    (found,) = connection.execute(_OURS).fetchall()[0]
    if found != 4:
        raise DataRefused(
            "database.foreign",
            f"{path}: a database of another program",
            "Name another file with --db or NOSHOW_DB",
        )
    version = site(connection).schema_version
    if version != SCHEMA_VERSION:
        raise DataRefused(
            "database.version",
            f"{path}: made by another version of noshow (schema {version}, this one reads {SCHEMA_VERSION})",
            "Use the noshow that wrote it, or load the source files into a new database",
        )


def refused_database(path: Path, error: duckdb.Error) -> DataRefused:
    """The error for a file that DuckDB will not open, in one line."""
    return DataRefused(
        "database.unreadable",
        f"{path}: not a database that DuckDB can open ({str(error).splitlines()[0][:160]})",
        "Name another file with --db, or move this one away and load the source files again",
    )


def site(connection: duckdb.DuckDBPyConnection) -> Site:
    """The site-wide settings that the views use, as stored in the database."""
    row = connection.execute(
        "select time_zone, grace_hours, late_hours, currency, schema_version, noshow_version from site"
    ).fetchall()[0]
    return Site(*row)


def _close_off(connection: duckdb.DuckDBPyConnection) -> None:
    """Shut files, network and settings, unless another connection of this process has done so already."""
    (locked,) = connection.execute("select current_setting('lock_configuration')").fetchall()[0]
    if not locked:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
