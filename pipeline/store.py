"""A database path goes in; a store open for writing comes out, published for readers when its block ends.

Four files stand side by side: `attendance.duckdb`, the published snapshot that readers and shells open;
`attendance.work.duckdb`, which only the writer opens; `attendance.lock`, which says who that is; and
`attendance.journal.ndjson`, which knows what was committed. A reader never blocks a load, a load never blocks a reader,
and nobody sees half of one.
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.journal import Entry, Line, append, journal_path, read_journal
from pipeline.load import migrations
from pipeline.load.content_state import hashed_by_another, take_states, tracked
from pipeline.load.ledger import loads_after
from pipeline.load.statements import table_sql
from pipeline.load.stored_roster import forget_roster, is_worth_storing
from pipeline.lock import only_writer
from pipeline.losses import require_no_journal, require_nothing_lost
from pipeline.machine import machine_errors
from pipeline.publication import STORAGE_VERSION, generation, name_of, publish, remove_unfinished
from pipeline.renewal import mark_path, renew
from pipeline.settings import Settings, read_settings
from pipeline.settings.stored import write_settings
from queries.database import (
    SCHEMA_VERSION,
    database_id,
    database_path,
    open_failure,
    open_snapshot,
    quoted,
    require_ours,
)
from queries.model.entities import TABLES
from queries.views import install_views


@dataclass(slots=True)
class Store:
    """The work database, open for writing. `connection` serves the query functions with what was just written.

    `to_load_again` are files whose loads were lost, as `noshow doctor --recover` has told. `has_loaded` is set once
    files were loaded: their snapshot stores the roster.
    """

    path: Path
    work: Path
    connection: duckdb.DuckDBPyConnection
    settings: Settings
    to_load_again: list[Entry] = field(default_factory=list)
    has_loaded: bool = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that the block changes, or nothing: committed, on the disk, in the journal, and new to readers.

        Tables are changed within `content_state.tracked`, which keeps what their content hashes to.
        """
        (last,) = self.connection.execute("select max(load_id) from load_ledger").fetchall()[0]
        self.connection.execute("begin")
        try:
            yield
            with tracked(self.connection, "site"):
                _count_change(self.connection)
            self.connection.execute("commit")
        except BaseException:
            self._roll_back()
            raise
        self.connection.execute("checkpoint")
        self.write_journal(last or 0)

    def write_journal(self, after: int = 0, told: tuple[str, ...] = ()) -> None:
        """Add a line with the loads after a number, and the hashes of those told as lost."""
        line = Line(
            database_id(self.connection),
            generation(self.connection),
            tuple(Entry(*load) for load in loads_after(self.connection, after)),
            told,
        )
        append(journal_path(self.path), line)

    def _roll_back(self) -> None:
        """Undo after an error; a database that DuckDB has given up on undoes by being closed."""
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            return


@contextmanager
def open_store(
    db: str | os.PathLike[str] | None = None, *, settings: Settings | None = None, wait: float = 0
) -> Iterator[Store]:
    """Open the work file for writing; leaving the block without an error publishes what has been committed.

    Raises `StoreBusy` where another process writes and goes on for `wait` seconds, `DataRefused` where the file is not
    ours or has lost loads, `OutputFailed` where the folder or the disk cannot be written or the memory does not do.
    """
    path = database_path(db)
    settings = settings or read_settings()
    with machine_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(lock_path(path), path, wait):
            work = work_path(path)
            remove_unfinished(path)
            shutil.rmtree(work.with_name(f"{work.name}.tmp"), ignore_errors=True)
            reopen = partial(_open_work, settings=settings)
            renew(path, work, reopen)
            connection = reopen(path, work)
            try:
                store = Store(path, work, connection, settings)
                _prepare(store)
                yield store
                if not mark_path(path).exists():
                    publish(connection, path, with_roster=store.has_loaded and is_worth_storing(connection))
            finally:
                connection.close()
            renew(path, work, reopen)


def work_path(path: Path) -> Path:
    """Where the work file of a database is."""
    return path.with_name(f"{path.stem}.work{path.suffix}")


def lock_path(path: Path) -> Path:
    """Where the lock file of a database is."""
    return path.with_name(f"{path.stem}.lock")


def _open_work(path: Path, work: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """The work database; where only a published one is there, a new work database with its content."""
    if path.exists():
        with closing(open_snapshot(path)) as published:
            require_ours(published, path, oldest=migrations.OLDEST)
    connection = connect_work(work, settings)
    try:
        if is_empty(connection) and path.exists():
            copy_from(connection, path)
        if not is_empty(connection):
            require_ours(connection, work, oldest=migrations.OLDEST)
    except BaseException:
        connection.close()
        raise
    return connection


def connect_work(work: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """The work database as it is, or an empty one. Raises `DataRefused` where DuckDB does not open it."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "autoinstall_known_extensions": "false",
    }
    if settings.memory_limit:
        config["memory_limit"] = settings.memory_limit
    try:
        return duckdb.connect(str(work), config=config)
    except duckdb.Error as error:
        raise open_failure(work, error, "Run `noshow doctor --recover`") from error


def copy_from(connection: duckdb.DuckDBPyConnection, snapshot: Path) -> None:
    """Copy a snapshot's content into an empty work database."""
    connection.execute(f"attach {quoted(snapshot)} as published (read_only)")
    connection.execute(f"copy from database published to {name_of(connection)}")
    connection.execute("detach published")
    forget_roster(connection)


def _prepare(store: Store) -> None:
    """Make tables and views where there are none, or bring them up to date; write down the settings that were set."""
    if is_empty(store.connection):
        require_no_journal(store.path)
        make_all(store.connection, store.settings)
        store.write_journal()
        return
    bring_up_to_date(store)
    journal = read_journal(journal_path(store.path), database_id(store.connection))
    store.to_load_again = require_nothing_lost(store.connection, store.path, journal)
    if generation(store.connection) > journal.generation:
        store.write_journal(max((entry.load_id for entry in journal.loads), default=0))


def make_all(connection: duckdb.DuckDBPyConnection, settings: Settings, database: str = "") -> None:
    """Tables, views and the settings, in an empty database; it takes the place of the `database` of that id, if any."""
    connection.execute("begin")
    _make(connection, settings, database or str(uuid.uuid4()))
    write_settings(connection, settings)
    take_states(connection)
    connection.execute("commit")


def bring_up_to_date(store: Store) -> None:
    """Migrate, write down the settings, count what another DuckDB has hashed: one transaction, if anything is to do."""
    connection = store.connection
    connection.execute("begin")
    migrated = migrations.bring_up_to_date(connection, version("noshow"))
    if migrated or hashed_by_another(connection):
        take_states(connection)
        log_event("store.brought_up_to_date", file=str(store.path), level=logging.WARNING)
    with tracked(connection, "site"):
        if write_settings(connection, store.settings) or migrated:
            _count_change(connection)
    connection.execute("commit")


def _count_change(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update site set generation = generation + 1, noshow_version = $v", {"v": version("noshow")})


def _make(connection: duckdb.DuckDBPyConnection, settings: Settings, database: str) -> None:
    connection.execute(files("pipeline").joinpath("load", "tables.sql").read_text(encoding="utf-8"))
    for entity in TABLES.values():
        connection.execute(table_sql(entity))
    install_views(connection)
    connection.execute(
        "insert into site (time_zone, grace_hours, late_hours, schema_version, noshow_version, generation, database_id)"
        " values ($zone, $grace, $late, $schema, $version, 1, $database)",
        {
            "zone": settings.site_zone,
            "grace": settings.grace_hours,
            "late": settings.late_hours,
            "schema": SCHEMA_VERSION,
            "version": version("noshow"),
            "database": database,
        },
    )


def is_empty(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether it has no table at all."""
    return not connection.execute("select 1 from duckdb_tables() where not internal limit 1").fetchall()
