"""Kill an ingest in a process of its own at some moment, and compare the files it leaves with a replay.

Shared by the tests of the store and the stress tests. The processes are forked, see `commands`.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import duckdb
from support import commands

import pipeline
from pipeline.store.doctor import diagnose
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store, open_store
from queries.database import open_snapshot

# The rows that a load leaves, without the moments in them.
CONTENT = (
    "service", "session", "booking", "attendance",
    "(select * exclude (quarantined_at, file) from quarantine)",
    "(select * exclude (started_at, finished_at, noshow_version, file) from load_ledger)",
)  # fmt: skip

Content = tuple[Any, ...]


def content(connection: duckdb.DuckDBPyConnection) -> Content:
    """The hash of all rows."""
    return tuple(
        connection.execute(f"select count(*), bit_xor(hash(r)), sum(hash(r)::hugeint) from {table} as r").fetchall()[0]
        for table in CONTENT
    )


def content_of(file: Path) -> Content:
    """The content of a database file."""
    with closing(open_snapshot(file)) as connection:
        return content(connection)


@dataclass(frozen=True)
class Replay:
    """The content of the database after none, one, two … of the files, and a folder with the database after `base`."""

    files: tuple[Path, ...]
    base: Path
    states: tuple[Content, ...]


def replay(folder: Path, files: list[Path]) -> Replay:
    """Load the files one by one, undisturbed; the base has the first of them."""
    db, base = folder / "replay" / "attendance.duckdb", folder / "base"
    states = []
    for number in range(len(files) + 1):
        with open_store(db, settings=pipeline.Settings.model_validate({})) as store:
            pipeline.ingest(store, files[:number]) if number else None
            states.append(content(store.connection))
        if number == 1:
            shutil.copytree(db.parent, base)
    return Replay(tuple(files), base, tuple(states))


def start(db: Path, files: tuple[Path, ...], before: Callable[[], None] | None = None) -> ForkServerProcess:
    """Start `noshow ingest` of the files in a process of its own; `before` runs there first."""
    return commands.start("ingest", "--db", db, "--json", *files, before=before)


def die_in_place_of_the_journal() -> None:
    """Kill the process when its first transaction is committed and not journaled yet."""
    Store.write_journal = _die  # type: ignore[method-assign]


def die_in_place_of_publishing() -> None:
    """Kill the process when everything is committed and nothing is published."""
    import pipeline.store.opening

    pipeline.store.opening.publish = _die  # type: ignore[assignment]


def die_when_published() -> None:
    """Kill the process when everything is published, before it exits."""
    import pipeline.cli.ingest

    pipeline.cli.ingest.say_refused = _die  # type: ignore[assignment]


def die_with_all_in_the_log() -> None:
    """Kill the process when two loads are committed and journaled, with all their rows in the log alone."""
    connect, write_journal = duckdb.connect, Store.write_journal
    lines = iter(range(2))

    class Unchecked:
        def __init__(self, real: Any) -> None:
            self._real = real

        def execute(self, statement: str, *bind: Any) -> Any:
            return None if statement == "checkpoint" else self._real.execute(statement, *bind)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    def write_and_die(store: Store, *args: Any, **options: Any) -> None:
        write_journal(store, *args, **options)
        if next(lines):
            _die()

    duckdb.connect = lambda *args, **options: Unchecked(connect(*args, **options))  # type: ignore[assignment]
    Store.write_journal = write_and_die  # type: ignore[method-assign]


def _die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(db: Path, files: tuple[Path, ...], delay: float) -> bool:
    """Kill an ingest after a delay in seconds; return whether it was still running."""
    process = start(db, files)
    time.sleep(delay)
    process.kill()
    process.join(60)
    return bool(process.exitcode == -signal.SIGKILL)


def kill_at_random(replayed: Replay, folder: Path, kills: int, seed: int) -> None:
    """Kill as many ingests, each begun on the base and then finished by another.

    Asserts after each that readers and the next writer find a state of the replay, and that the next run ends in its
    last state, with nothing for the doctor to find.
    """
    chance = random.Random(seed)
    db = folder / "attendance.duckdb"
    whole = min(_undisturbed(replayed, folder) for _ in range(2))
    while kills:
        _begin_again(replayed, folder)
        kills -= kill_at(db, replayed.files, chance.uniform(0, whole))
        assert content_of(db) in (replayed.states[1], replayed.states[-1])
        assert content_of(StoreFiles(db).work) in replayed.states
        require_finished(replayed, db)


def _begin_again(replayed: Replay, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(replayed.base, folder)


def _undisturbed(replayed: Replay, folder: Path) -> float:
    """The seconds that an undisturbed ingest takes."""
    _begin_again(replayed, folder)
    began = time.monotonic()
    start(folder / "attendance.duckdb", replayed.files).join(120)
    return time.monotonic() - began


def require_finished(replayed: Replay, db: Path, examined: bool = True) -> list[Any]:
    """Run the ingest to its end, assert that everything is there once, and return the outcomes."""
    with open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        outcomes = pipeline.ingest(store, replayed.files)
    assert content_of(db) == content_of(StoreFiles(db).work) == replayed.states[-1]
    assert not examined or diagnose(db).findings == ()
    return outcomes
