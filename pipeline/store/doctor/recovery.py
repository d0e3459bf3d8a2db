"""A database with something wrong goes in; a sound one comes out, with what was done and what has to be loaded again.

What is damaged is set aside under another name, never overwritten. The best that there is takes its place: the work
file with its log cut at the place where it stops making sense, else the newest sound snapshot.
"""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipeline.settings import Settings
from pipeline.store.content_state import tracked
from pipeline.store.doctor.diagnosis import Diagnosis, diagnose
from pipeline.store.doctor.examination import Examined, examine
from pipeline.store.journal import Entry, journal_path, keep_readable, read_journal
from pipeline.store.ledger import hashes
from pipeline.store.opening import Store, bring_up_to_date, connect_work, copy_from, is_empty, make_all, work_path
from pipeline.store.publication import generation, publish, sync, unfinished
from queries.database import database_id


@dataclass(slots=True)
class Recovery:
    """What was done, in words; which loads are lost (their files have to be loaded again, marks made again)."""

    done: list[str] = field(default_factory=list)
    lost: list[Entry] = field(default_factory=list)


def recover(path: Path, settings: Settings, stamp: str) -> Recovery:
    """Make the files of a database sound again. The caller holds the writer's lock; `stamp` names what is set aside."""
    recovery = Recovery()
    _mend_work(path, diagnose(path), settings, stamp, recovery)
    _set_snapshots_aside(path, stamp, recovery)
    if dropped := keep_readable(journal_path(path), path.with_name(f"{path.stem}.damaged-{stamp}-journal.ndjson")):
        recovery.done.append(f"took {dropped} unreadable lines out of the journal")
    connection = connect_work(work_path(path), settings)
    try:
        _settle(Store(path, work_path(path), connection, settings), recovery)
    finally:
        connection.close()
    for file in unfinished(path):
        file.unlink()
        recovery.done.append(f"removed {file.name}, left over by a crash")
    return recovery


def _mend_work(path: Path, found: Diagnosis, settings: Settings, stamp: str, recovery: Recovery) -> None:
    work = found.work
    if work and work.torn_at is not None:
        work = _cut_log(path, work, stamp, recovery)
    newest = max((s.generation for s in found.snapshots if s.is_sound), default=0)
    if work and work.is_sound and work.generation >= newest:
        return
    if work:
        _set_aside(path, work.file, stamp, "work", recovery)
    best = max((s for s in found.snapshots if s.is_sound), key=lambda snapshot: snapshot.generation, default=None)
    if best:
        with closing(connect_work(work_path(path), settings)) as connection:
            copy_from(connection, best.file)
        recovery.done.append(f"made the work file anew from {best.file.name}")


def _cut_log(path: Path, work: Examined, stamp: str, recovery: Recovery) -> Examined:
    """Cut the write-ahead log where it stops making sense, keeping it as it was beside."""
    log = work.file.with_name(f"{work.file.name}.wal")
    kept = path.with_name(f"{path.stem}.damaged-{stamp}-log.wal")
    shutil.copyfile(log, kept)
    sync(kept)
    os.truncate(log, work.torn_at or 0)
    sync(log)
    recovery.done.append(f"cut the damaged log at byte {work.torn_at:,} and kept it as {kept.name}")
    return examine(work.file)


def _set_snapshots_aside(path: Path, stamp: str, recovery: Recovery) -> None:
    for snapshot in diagnose(path).snapshots:
        if not snapshot.is_sound:
            role = snapshot.file.stem.removeprefix(path.stem).strip(".") or "published"
            _set_aside(path, snapshot.file, stamp, role, recovery)


def _set_aside(path: Path, file: Path, stamp: str, role: str, recovery: Recovery) -> None:
    """Rename a file, and the log beside it, so that nothing uses it any more."""
    kept = path.with_name(f"{path.stem}.damaged-{stamp}-{role}{path.suffix}")
    log = file.with_name(f"{file.name}.wal")
    file.rename(kept)
    if log.exists():
        log.rename(kept.with_name(f"{kept.name}.wal"))
    sync(path.parent)
    recovery.done.append(f"set {file.name} aside as {kept.name}")


def _settle(store: Store, recovery: Recovery) -> None:
    """Bring the work file up to date, tell what is lost, count past every change that was ever seen, and publish."""
    if is_empty(store.connection):
        make_all(store.connection, store.settings, read_journal(journal_path(store.path), "").database)
        recovery.done.append("began an empty database: no sound snapshot was left")
    else:
        bring_up_to_date(store)
    journal = read_journal(journal_path(store.path), database_id(store.connection))
    recovery.lost = journal.missing(hashes(store.connection))
    behind = journal.generation - generation(store.connection)
    if behind > 0:
        _count_past(store.connection, journal.generation)
    if recovery.lost or behind > 0:
        store.write_journal(told=tuple(entry.sha256 for entry in recovery.lost))
    if not store.path.exists() or behind > 0 or _is_behind(store):
        publish(store.connection, store.path)
        recovery.done.append("published a snapshot")


def _count_past(connection: duckdb.DuckDBPyConnection, seen: int) -> None:
    """A number that stood for other content once, in cursors and snapshots, is not used again."""
    connection.execute("begin")
    with tracked(connection, "site"):
        connection.execute("update site set generation = $seen + 1", {"seen": seen})
    connection.execute("commit")
    connection.execute("checkpoint")


def _is_behind(store: Store) -> bool:
    return examine(store.path).generation != generation(store.connection)
