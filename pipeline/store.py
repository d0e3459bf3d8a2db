"""A database path goes in; a store open for writing comes out, published for readers when its block ends.

Three files stand side by side: `attendance.duckdb`, the published snapshot that readers and shells open;
`attendance.work.duckdb`, which only the writer opens; `attendance.lock`, which says who that is. A reader never
blocks a load, a load never blocks a reader, and nobody sees half of one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import duckdb

from pipeline.load.migrations import OLDEST, bring_up_to_date
from pipeline.load.statements import ALL, table_sql
from pipeline.lock import only_writer
from pipeline.publication import STORAGE_VERSION, name_of, publish
from pipeline.renewal import renew
from pipeline.settings import Settings, read_settings
from pipeline.settings.stored import write_settings
from queries.database import SCHEMA_VERSION, database_path, open_failure, open_snapshot, quoted, require_ours
from queries.errors import OutputFailed
from queries.views import install_views


@dataclass(slots=True)
class Store:
    """The work database, open for writing. `connection` serves the query functions with what was just written."""

    path: Path
    work: Path
    connection: duckdb.DuckDBPyConnection
    settings: Settings

    def changed(self) -> None:
        """Note, within the transaction that makes it, a change that readers have not seen."""
        self.connection.execute(
            "update site set generation = generation + 1, noshow_version = $v", {"v": version("noshow")}
        )

    def roll_back(self) -> None:
        """Undo after an error; a database that DuckDB has given up on undoes by being closed."""
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            return


@contextmanager
def open_store(db: str | os.PathLike[str] | None = None, *, settings: Settings | None = None) -> Iterator[Store]:
    """Open the work file for writing; leaving the block without an error publishes what has been committed.

    Raises `StoreBusy` where another process writes, `DataRefused` where the file is not ours, `OutputFailed` where
    the folder or the disk cannot be written.
    """
    path = database_path(db)
    settings = settings or read_settings()
    work = path.with_name(f"{path.stem}.work{path.suffix}")
    with _disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(path.with_name(f"{path.stem}.lock"), path):
            renew(path, work, _open_work)
            connection = _open_work(path, work)
            try:
                store = Store(path, work, connection, settings)
                _prepare(store)
                yield store
                publish(store.connection, store.path)
            finally:
                connection.close()
            renew(path, work, _open_work)


def _open_work(path: Path, work: Path) -> duckdb.DuckDBPyConnection:
    """The work database; where only a published one is there, a new work database with its content."""
    try:
        if path.exists():
            with closing(open_snapshot(path)) as published:
                require_ours(published, path, oldest=OLDEST)
        connection = duckdb.connect(str(work), config={"storage_compatibility_version": STORAGE_VERSION})
    except duckdb.Error as error:
        raise open_failure(work if work.exists() else path, error) from error
    try:
        connection.execute("set autoinstall_known_extensions = false")
        if _is_empty(connection) and path.exists():
            connection.execute(f"attach {quoted(path)} as published (read_only)")
            connection.execute(f"copy from database published to {name_of(connection)}")
            connection.execute("detach published")
        if not _is_empty(connection):
            require_ours(connection, work, oldest=OLDEST)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(store: Store) -> None:
    """Make tables and views where there are none, or bring them up to date; write down the settings that were set."""
    connection, settings = store.connection, store.settings
    connection.execute("begin")
    if _is_empty(connection):
        _make(connection, settings)
        write_settings(connection, settings)
    else:
        migrated = bring_up_to_date(connection, version("noshow"))
        if write_settings(connection, settings) or migrated:
            store.changed()
    connection.execute("commit")


def _make(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    connection.execute(files("pipeline").joinpath("load", "tables.sql").read_text(encoding="utf-8"))
    for entity in ALL:
        connection.execute(table_sql(entity))
    install_views(connection)
    connection.execute(
        "insert into site (time_zone, grace_hours, late_hours, schema_version, noshow_version, generation, database_id)"
        " values ($zone, $grace, $late, $schema, $version, 1, gen_random_uuid())",
        {
            "zone": settings.site_zone,
            "grace": settings.grace_hours,
            "late": settings.late_hours,
            "schema": SCHEMA_VERSION,
            "version": version("noshow"),
        },
    )


@contextmanager
def _disk_errors(path: Path) -> Iterator[None]:
    """Tell what the machine refuses in one line; leave every other error alone."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise OutputFailed(
            "output.io",
            f"{where}: {error.strerror or error}",
            "Check the folder's rights and the space on the disk",
        ) from error
    except (duckdb.IOException, duckdb.FatalException) as error:
        raise OutputFailed(
            "database.io",
            f"{path}: {str(error).splitlines()[0]}",
            "Check the folder's rights and the space on the disk",
        ) from error


def _is_empty(connection: duckdb.DuckDBPyConnection) -> bool:
    return not connection.execute("select 1 from duckdb_tables() where not internal limit 1").fetchall()
