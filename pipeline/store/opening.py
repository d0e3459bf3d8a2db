"""Open a database for writing, and publish it for readers when the block ends.

Four files lie side by side: `attendance.duckdb`, the published snapshot that readers and shells open;
`attendance.work.duckdb`, which only the writer opens; `attendance.lock`, which names the writer's process; and
`attendance.journal.ndjson`, which lists the commits. DuckDB lets nobody read a file that is open for writing,
not even read-only; with two files a reader never blocks a load, a load never blocks a reader, and nobody sees half of
a load.
"""

from __future__ import annotations

import logging
import os
import shutil
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.machine import machine_errors
from pipeline.settings import Settings, read_settings
from pipeline.settings.stored import settings_differ, write_settings
from pipeline.store import migrations
from pipeline.store.content_state import hashed_by_another, take_states, tracked
from pipeline.store.copies import Copies, take_copies
from pipeline.store.files import StoreFiles, write_ahead_log
from pipeline.store.journal import Entry, Line, append, read_journal, seal_lines
from pipeline.store.keyed import find_or_make_secret, key_by, require_secret, secret_check
from pipeline.store.ledger import hashes, loads_after
from pipeline.store.lock import Lock, only_writer
from pipeline.store.losses import require_no_journal, require_nothing_lost
from pipeline.store.publication import name_of, publish, published_generation, remove_unfinished
from pipeline.store.renewal import renew
from pipeline.store.stored_roster import forget_roster, is_worth_storing
from pipeline.store.template import begin_with_schema, let_go_of_template
from pipeline.store.work_file import connect_work
from queries.database import SCHEMA_VERSION, database_path, quoted, require_ours
from queries.files import make_private, private_files
from queries.packaged import own_version
from queries.secret import Secret

# The number of changes of a new database, see `site.generation`.
_FIRST = 1


@dataclass(slots=True)
class Store:
    """The work database, open for writing. Queries over `connection` see what was just written.

    `lock` is None in a rehearsal, and in `noshow doctor --recover`, whose caller holds it. `to_load_again` lists lost
    loads that `noshow doctor --recover` has reported. `has_loaded` is set once files have been loaded: the snapshot
    published then may store the roster (see `stored_roster`).
    """

    files: StoreFiles
    connection: duckdb.DuckDBPyConnection
    settings: Settings
    lock: Lock | None = None
    to_load_again: list[Entry] = field(default_factory=list)
    has_loaded: bool = False
    copies: Copies = field(default_factory=Copies)
    _keeps_log: bool = False

    @property
    def path(self) -> Path:
        """The path of the published snapshot, by which readers know the database."""
        return self.files.snapshot

    @property
    def work(self) -> Path:
        """The work file."""
        return self.files.work

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit everything the block changes, or nothing; journal it and make it visible to readers.

        Change tables within `content_state.tracked`, which keeps their content hashes up to date.
        """
        (last,) = self.connection.execute("select max(load_id) from load_ledger").fetchall()[0]
        self.connection.execute("begin")
        try:
            yield
            with tracked(self.connection, "site"):
                _count_change(self.connection)
            if self.lock:
                self.lock.require_held()
            self.connection.execute("commit")
        except BaseException:
            self._roll_back()
            raise
        # With the changes in the database file and the log empty, a log that is damaged or removed later costs nothing.
        if not self._keeps_log:
            self.connection.execute("checkpoint")
        self.write_journal(last or 0)

    def keep_log(self) -> bool:
        """From now on leave commits in the log until they are published; return whether that can be done.

        A kill can tear a checkpoint, which writes some blocks in place. If the log still has all commits since the last
        publication, and the published snapshot has the bytes that the work file had then, `doctor --recover` replays
        the log on a copy of the snapshot, and nothing is lost. So it can be done only if the two are the same now.
        """
        self._keeps_log = self.copies.is_same(self.connection, self.files)
        return self._keeps_log

    def publish(self, *, last: bool = False) -> None:
        """Publish all that is committed, unless readers see it already. The store stays open, unless it is the `last`.

        A store that is not published any more needs less memory: it may be closed before its copy is hashed.
        """
        if self.lock:
            self.lock.require_held()
        with_roster = self.has_loaded and is_worth_storing(self.connection)
        publish(self.connection, self.files, self.copies, with_roster=with_roster, last=last)

    def close(self) -> None:
        """Close the files."""
        self.copies.close(self.connection, self.files)

    def write_journal(
        self, after: int = 0, reported_lost: tuple[str, ...] = (), journalled: Collection[str] = ()
    ) -> None:
        """Add a line with the loads above number `after`, and the hashes of loads reported as lost.

        Loads with a hash that is `journalled` already are left out.
        """
        entries = (Entry(*load) for load in loads_after(self.connection, after))
        line = Line(
            *_id_and_generation(self.connection),
            tuple(entry for entry in entries if entry.sha256 not in journalled),
            reported_lost,
        )
        append(self.files.journal, line)

    def _roll_back(self) -> None:
        """Undo the transaction after an error."""
        try:
            self.connection.execute("rollback")
        except duckdb.Error:
            # After a fatal error, such as a full disk in a checkpoint, DuckDB refuses even this; closing undoes it.
            return


@contextmanager
def open_store(
    db: str | os.PathLike[str] | None = None, *, settings: Settings | None = None, wait: float = 0
) -> Iterator[Store]:
    """Open the work file for writing, and publish the commits when the block ends without an error.

    Whatever this process writes to the disk within the block is for its owner only, see `queries.files.private_files`.

    Raises `StoreBusy` if another process is still writing after `wait` seconds, `DataRefused` if the file was not made
    by noshow or has lost loads, `OutputFailed` if folder or disk cannot be written or memory runs out.
    """
    path = database_path(db)
    files = StoreFiles(path)
    settings = settings or read_settings()
    with machine_errors(path), private_files(settings.group_readable), only_writer(files.lock, path, wait) as lock:
        # This process holds the lock, so whatever is half-written was left by a crash.
        remove_unfinished(path)
        shutil.rmtree(files.spill, ignore_errors=True)
        for file in files.everything():
            make_private(file, settings.group_readable)
        copies = take_copies(files)
        reopen = partial(_open_work, settings=settings, copies=copies)
        renew(files, reopen)
        # With a journal it is not new but lost, and the journal lists its loads.
        is_new = not any(file.exists() for file in (files.snapshot, files.work, files.journal))
        had_secret = files.secret.exists()
        store = Store(files, reopen(files), settings, lock, copies=copies)
        try:
            _prepare(store)
            yield store
            # After an erasure the renewal below publishes: a plain copy would keep the erased bytes.
            if not files.erasing_mark.exists():
                store.publish(last=True)
        except Exception:
            is_new = is_new and _is_unchanged(store.connection)
            store.close()
            if is_new:
                _remove_new(files, had_secret)
            raise
        finally:
            store.close()
        lock.require_held()
        renew(files, reopen)


def _is_unchanged(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether nothing was committed since the database was made."""
    try:
        # Without a row it was not even finished.
        return is_empty(connection) or connection.execute("select generation from site").fetchall() in ([], [(_FIRST,)])
    except duckdb.Error:
        return False


def _remove_new(files: StoreFiles, had_secret: bool) -> None:
    """Remove the files of a database that was only just made, such as for a file that is not there.

    The journal goes first: a journal without a database means that one is lost. A secret that lay there before stays.
    """
    for file in (files.journal, write_ahead_log(files.work), files.work, *(() if had_secret else (files.secret,))):
        file.unlink(missing_ok=True)


def _open_work(files: StoreFiles, settings: Settings, copies: Copies) -> duckdb.DuckDBPyConnection:
    """Open the work database, or make one from the published snapshot if only that exists."""
    if files.snapshot.exists():
        # It is refused here, before it is copied, if another program or a newer noshow made it.
        published_generation(files.snapshot, copies)
    connection = connect_work(files.work, settings)
    try:
        if is_empty(connection) and files.snapshot.exists():
            copy_from(connection, files.snapshot)
        if not is_empty(connection):
            require_ours(connection, files.work, oldest=migrations.OLDEST)
    except BaseException:
        connection.close()
        raise
    return connection


def copy_from(connection: duckdb.DuckDBPyConnection, snapshot: Path) -> None:
    """Copy the content of a snapshot into an empty work database."""
    connection.execute(f"attach {quoted(snapshot)} as published (read_only)")
    connection.execute(f"copy from database published to {name_of(connection)}")
    connection.execute("detach published")
    forget_roster(connection)


def _prepare(store: Store) -> None:
    """Create or migrate tables and views, store the settings that are set, and check that no commit is missing."""
    if is_empty(store.connection):
        require_no_journal(store.path)
        make_all(store.connection, store.settings, find_or_make_secret(store.path))
        store.write_journal()
        return
    bring_up_to_date(store)
    require_secret(store.connection, store.path)
    database, changes = _id_and_generation(store.connection)
    journal, loaded = read_journal(store.files.journal, database), hashes(store.connection)
    store.to_load_again = require_nothing_lost(store.path, loaded, changes, journal, _published(store))
    if not journal.is_sealed:
        seal_lines(store.files.journal)
    # A crash between commit and journal leaves loads that only the ledger has, and so does a journal that was damaged.
    if changes > journal.generation or journal.lacks(loaded):
        log_event("store.journal_completed", file=str(store.path), level=logging.WARNING)
        store.write_journal(journalled={entry.sha256 for entry in journal.loads})


def _id_and_generation(connection: duckdb.DuckDBPyConnection) -> tuple[str, int]:
    ((database, changes),) = connection.execute("select database_id::varchar, generation from site").fetchall()
    return database, changes


def _published(store: Store) -> int:
    return published_generation(store.path, store.copies) if store.path.exists() else 0


def make_all(
    connection: duckdb.DuckDBPyConnection, settings: Settings, secret: Secret | None = None, database: str = ""
) -> None:
    """Create tables, views and settings in an empty database, under a new id or that of the `database` it replaces.

    A database in memory needs no `secret`: see `queries.secret.key_of`.
    """
    begin_with_schema(connection)
    _write_site(connection, settings, secret.check if secret else "", database or str(uuid.uuid4()))
    write_settings(connection, settings)
    take_states(connection)
    connection.execute("commit")
    let_go_of_template(connection)


def bring_up_to_date(store: Store) -> None:
    """Migrate, store the settings that are set, and rehash tables hashed by another DuckDB, in one transaction.

    A database of a noshow that knew no secret gets one.
    """
    connection = store.connection
    connection.execute("begin")
    migrated = migrations.bring_up_to_date(connection, own_version())
    if migrated and not secret_check(connection):
        key_by(connection, find_or_make_secret(store.path))
    if migrated or hashed_by_another(connection):
        take_states(connection)
        log_event("store.brought_up_to_date", file=str(store.path), level=logging.WARNING)
    if migrated or settings_differ(connection, store.settings):
        with tracked(connection, "site"):
            write_settings(connection, store.settings)
            _count_change(connection)
    connection.execute("commit")


def _count_change(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("update site set generation = generation + 1, noshow_version = $v", {"v": own_version()})


def _write_site(connection: duckdb.DuckDBPyConnection, settings: Settings, check: str, database: str) -> None:
    connection.execute(
        "insert into site (time_zone, grace_hours, late_hours, schema_version, noshow_version, generation, "
        "database_id, secret_check) values ($zone, $grace, $late, $schema, $version, $generation, $database, $check)",
        {
            "generation": _FIRST,
            "zone": settings.site_zone,
            "grace": settings.grace_hours,
            "late": settings.late_hours,
            "schema": SCHEMA_VERSION,
            "version": own_version(),
            "database": database,
            "check": check,
        },
    )


def is_empty(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the database has no table at all."""
    return not connection.execute("select 1 from duckdb_tables() where not internal limit 1").fetchall()
