"""Repair a database, and report the steps taken and which loads have to be repeated.

Damaged files are set aside under another name, never overwritten. The best copy left takes their place: the work file
with its log cut at the last readable entry, or else the newest sound snapshot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipeline.settings import Settings
from pipeline.store.content_state import take_definitions, tracked
from pipeline.store.doctor.diagnosis import Diagnosis, diagnose
from pipeline.store.doctor.examination import VIEWS_DIFFER, Examined, examine, has_other_views
from pipeline.store.files import StoreFiles, write_ahead_log
from pipeline.store.journal import Entry, keep_readable, read_journal
from pipeline.store.keyed import fault_of_secret, find_or_make_secret, key_again, secret_check
from pipeline.store.ledger import hashes
from pipeline.store.lock import only_writer
from pipeline.store.opening import Store, bring_up_to_date, copy_from, is_empty, make_all
from pipeline.store.publication import generation
from pipeline.store.saved_pulls import fault_of_saved, saved_files
from pipeline.store.work_file import connect_work
from queries.database import database_id
from queries.files import sync
from queries.secret import VARIABLE, wrong_secret
from queries.views import install_views


@dataclass(slots=True)
class Recovery:
    """The steps taken, in words, and the loads that are lost: load their files again, and make the marks again."""

    done: list[str] = field(default_factory=list)
    lost: list[Entry] = field(default_factory=list)


def recover(path: Path, settings: Settings, stamp: str) -> Recovery:
    """Repair the files of a database. The caller holds the writer's lock; `stamp` goes into the names set aside."""
    recovery = Recovery()
    files = StoreFiles(path)
    files.copies.unlink(missing_ok=True)
    _mend_work(files, diagnose(path), settings, stamp, recovery)
    _set_snapshots_aside(files, stamp, recovery)
    if fault_of_secret(files.snapshot) == "damaged":
        _set_aside(files, files.secret, stamp, "secret", recovery)
    if dropped := keep_readable(files.journal, files.damaged(stamp, "journal", ".ndjson")):
        recovery.done.append(f"took {dropped} unreadable lines out of the journal")
    _set_pulls_aside(files, stamp, recovery)
    store = Store(files, connect_work(files.work, settings), settings)
    try:
        _settle(store, stamp, recovery)
    finally:
        store.close()
    for file in files.unfinished():
        file.unlink()
        recovery.done.append(f"removed {file.name}, left over by a crash")
    return recovery


def _mend_work(files: StoreFiles, diagnosis: Diagnosis, settings: Settings, stamp: str, recovery: Recovery) -> None:
    """Set the work file aside unless it is sound and the newest, and make another from the newest sound snapshot."""
    work = diagnosis.work
    if work and work.torn_at is not None:
        work = _cut_log(files, work, stamp, recovery)
    newest = max((s.generation for s in diagnosis.snapshots if s.is_sound), default=0)
    if work and work.is_sound and work.generation >= newest:
        return
    if work:
        _set_aside(files, work.file, stamp, "work", recovery)
    best = max((s for s in diagnosis.snapshots if s.is_sound), key=lambda snapshot: snapshot.generation, default=None)
    if best and not (work and _replay_log(files, files.damaged(stamp, "work"), best, recovery)):
        with closing(connect_work(files.work, settings)) as connection:
            copy_from(connection, best.file)
        recovery.done.append(f"made a new work file from {best.file.name}")


def _replay_log(files: StoreFiles, damaged: Path, best: Examined, recovery: Recovery) -> bool:
    """Make the work file from a snapshot and the log of the damaged one, if that log goes on from the snapshot.

    DuckDB compares the log's number of checkpoints with the file's: another snapshot than the one whose bytes the work
    file had when the log began does not open with it.
    """
    log = write_ahead_log(damaged)
    if not log.exists():
        return False
    shutil.copyfile(best.file, files.work)
    shutil.copyfile(log, write_ahead_log(files.work))
    work = examine(files.work)
    if not work.is_sound or work.generation <= best.generation:
        files.work.unlink()
        write_ahead_log(files.work).unlink(missing_ok=True)
        return False
    for file in (files.work, write_ahead_log(files.work)):
        sync(file)
    sync(files.folder)
    recovery.done.append(f"made a new work file from {best.file.name} and the log of the damaged one")
    return True


def _cut_log(files: StoreFiles, work: Examined, stamp: str, recovery: Recovery) -> Examined:
    """Cut the write-ahead log at its last readable entry, and keep the whole log under another name."""
    # DuckDB never opens a file past a torn log. Cut at the byte it names, it replays the sound entries before: this
    # brought back every commit in 96 of 96 simulated power cuts. Without the log, all commits since the last checkpoint
    # would be lost.
    log = write_ahead_log(work.file)
    kept = files.damaged(stamp, "log", ".wal")
    shutil.copyfile(log, kept)
    sync(kept)
    os.truncate(log, work.torn_at or 0)
    sync(log)
    recovery.done.append(f"cut the damaged log at byte {work.torn_at:,} and kept it as {kept.name}")
    return examine(work.file)


def _set_snapshots_aside(files: StoreFiles, stamp: str, recovery: Recovery) -> None:
    for snapshot in diagnose(files.snapshot).snapshots:
        if not snapshot.is_sound:
            role = snapshot.file.stem.removeprefix(files.snapshot.stem).strip(".") or "published"
            _set_aside(files, snapshot.file, stamp, role, recovery)


def _set_pulls_aside(files: StoreFiles, stamp: str, recovery: Recovery) -> None:
    """Rename the folders of pulls with a damaged file: the next pull fetches their content again."""
    damaged = {file.parent for file in saved_files(files.snapshot) if fault_of_saved(file) == "damaged"}
    if not damaged:
        return
    with only_writer(files.pulls_lock, files.snapshot):
        for number, folder in enumerate(sorted(damaged), 1):
            kept = files.damaged(stamp, f"pull-{number}", "")
            folder.rename(kept)
            recovery.done.append(f"set the damaged pull {folder.name} aside as {kept.name}: run `noshow pull`")
    sync(files.pulls)
    sync(files.folder)


def _set_aside(files: StoreFiles, file: Path, stamp: str, role: str, recovery: Recovery) -> None:
    """Rename a file and its log, so that nothing uses them any more."""
    kept = files.damaged(stamp, role)
    log = write_ahead_log(file)
    file.rename(kept)
    if log.exists():
        log.rename(write_ahead_log(kept))
    sync(files.folder)
    recovery.done.append(f"set {file.name} aside as {kept.name}")


def _settle(store: Store, stamp: str, recovery: Recovery) -> None:
    """Bring the work file up to date, note the lost loads, raise its generation above all others, and publish."""
    if is_empty(store.connection):
        database = read_journal(store.files.journal, "").database
        make_all(store.connection, store.settings, find_or_make_secret(store.path), database)
        recovery.done.append("started an empty database: no sound snapshot was left")
    else:
        bring_up_to_date(store)
        _mend_secret(store, stamp, recovery)
        if has_other_views(store.connection) or _shows_other_views(store.path):
            _install_own_views(store.connection)
            recovery.done.append("installed the views and macros of this noshow")
    journal = read_journal(store.files.journal, database_id(store.connection))
    recovery.lost = journal.missing(hashes(store.connection))
    behind = journal.generation - generation(store.connection)
    if behind > 0:
        _raise_generation(store.connection, journal.generation)
    if recovery.lost or behind != 0 or journal.lacks(hashes(store.connection)):
        lost = tuple(entry.sha256 for entry in recovery.lost)
        store.write_journal(reported_lost=lost, journalled={entry.sha256 for entry in journal.loads})
        if not recovery.lost and behind <= 0:
            recovery.done.append("completed the journal")
    if not store.path.exists() or behind > 0 or _is_behind(store):
        store.publish()
        recovery.done.append("published a snapshot")


def _mend_secret(store: Store, stamp: str, recovery: Recovery) -> None:
    """Make another secret if that of the database is lost. Raises `DataRefused` if `NOSHOW_SECRET` is a wrong one.

    A wrong one in the file is set aside: it may be that of another database.
    """
    fault = fault_of_secret(store.path, secret_check(store.connection))
    if not fault:
        return
    if os.environ.get(VARIABLE):
        raise wrong_secret(store.path)
    if fault == "wrong":
        _set_aside(store.files, store.files.secret, stamp, "secret", recovery)
    secret = find_or_make_secret(store.path)
    with _change(store.connection, "generation + 1"):
        forgotten = key_again(store.connection, secret)
    recovery.done.append(
        f"made another secret: pseudonyms are others now, and {forgotten:,} texts of erased people are not "
        "recognised any more: erase these people again after each export that has them"
    )


def _shows_other_views(snapshot: Path) -> bool:
    return snapshot.exists() and any(finding.code == VIEWS_DIFFER for finding in examine(snapshot).findings)


def _install_own_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Install views and macros again, as a change of its own, so that a snapshot with them is published."""
    with _change(connection, "generation + 1"):
        install_views(connection)
        take_definitions(connection)


def _raise_generation(connection: duckdb.DuckDBPyConnection, seen: int) -> None:
    """Raise the generation above `seen`, the highest that readers may know.

    Suppose generation 12 was lost and the work file goes on from 10: the next change but one would be another 12, and
    cursors and snapshots of the lost one would pass for it.
    """
    with _change(connection, f"{seen:d} + 1"):
        pass


@contextmanager
def _change(connection: duckdb.DuckDBPyConnection, to: str) -> Iterator[None]:
    """Commit the block together with another generation, and empty the log."""
    connection.execute("begin")
    yield
    with tracked(connection, "site"):
        connection.execute(f"update site set generation = {to}")
    connection.execute("commit")
    connection.execute("checkpoint")


def _is_behind(store: Store) -> bool:
    return examine(store.path).generation != generation(store.connection)
