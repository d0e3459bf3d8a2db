"""Run an ingest in which the n-th call to DuckDB or to the file system fails with a given error.

Shared by the tests of the store and the stress tests.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.crashes import Replay, content_of, require_finished

from pipeline.cli import main
from pipeline.cli.exits import INTERRUPTED, INTERRUPTED_QUERY

DISK_FULL = OSError(28, "No space left on device")
IO_ERROR = duckdb.IOException("IO Error: Could not write file: No space left on device")
FATAL = duckdb.FatalException("FATAL Error: Failed to create checkpoint because of error: No space left on device")
NO_MEMORY = duckdb.OutOfMemoryException("Out of Memory Error: failed to offload data block")
NOT_COMMITTED = duckdb.TransactionException("TransactionContext Error: Failed to commit: Could not write file x.wal")
OF_STATEMENTS = (IO_ERROR, FATAL, NO_MEMORY, NOT_COMMITTED)
_OF_FILES = (
    (os, ("fsync", "open", "pread", "pwrite")),
    (Path, ("open", "replace", "hardlink_to", "unlink")),
    (shutil, ("copyfileobj",)),
)


@dataclass
class Fuse:
    """Counts calls and fails one of them."""

    error: BaseException
    left: int
    burnt: bool = False

    def spend(self) -> None:
        self.left -= 1
        if self.left == 0:
            self.burnt = True
            raise self.error


class Connection:
    """A DuckDB connection whose statements go through the fuse."""

    def __init__(self, real: duckdb.DuckDBPyConnection, fuse: Fuse) -> None:
        self._real, self._fuse = real, fuse

    def execute(self, *args: Any) -> Any:
        self._fuse.spend()
        return self._real.execute(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


Way = Callable[[pytest.MonkeyPatch, Fuse], None]


def statements(patch: pytest.MonkeyPatch, fuse: Fuse) -> None:
    """Every statement goes through the fuse."""
    connect = duckdb.connect
    patch.setattr(duckdb, "connect", lambda *args, **options: Connection(connect(*args, **options), fuse))


def files(patch: pytest.MonkeyPatch, fuse: Fuse) -> None:
    """Every call that opens, syncs or renames a file goes through the fuse."""

    def fused(call: Callable[..., Any]) -> Callable[..., Any]:
        def spend_and_call(*args: Any, **options: Any) -> Any:
            fuse.spend()
            return call(*args, **options)

        return spend_and_call

    for module, names in _OF_FILES:
        for name in names:
            patch.setattr(module, name, fused(getattr(module, name)))


def fail_each(
    replayed: Replay,
    folder: Path,
    way: Way,
    errors: tuple[BaseException, ...],
    capsys: pytest.CaptureFixture[str],
    step: int = 1,
) -> int:
    """Ingest with the first call failing, then one `step` calls later, until none is left; return the last number.

    The errors take turns. Asserts after each that it ended with one line and a documented code, that readers have a
    state of the replay, and that the next run finishes the job.
    """
    last = 0
    for last, db, code, line in _attempts(replayed.files[1], folder, way, errors, capsys, step, replayed.base):
        assert code in (0, 65, 74), (last, line)
        assert line.count("\n") == (code != 0), (last, line)
        assert content_of(db) in replayed.states[1:]
        require_finished(replayed, db, examined=last // step % 10 == 0)
    return last


def interrupt_each(file: Path, folder: Path, capsys: pytest.CaptureFixture[str], step: int = 1) -> int:
    """Load a file into a new database with the first statement interrupted, then one `step` later, until none is left.

    Asserts after each that the command ended as after Ctrl-C, in one line; returns the last number.
    """
    last = 0
    interrupted = (RuntimeError(INTERRUPTED_QUERY),)
    for last, _, code, line in _attempts(file, folder, statements, interrupted, capsys, step):
        assert (code, line.count("\n")) == (INTERRUPTED, 1), (last, line)
    return last


def _attempts(
    file: Path,
    folder: Path,
    way: Way,
    errors: tuple[BaseException, ...],
    capsys: pytest.CaptureFixture[str],
    step: int,
    base: Path | None = None,
) -> Iterator[tuple[int, Path, Any, str]]:
    """Ingest into a copy of `base`, or into a new database, with the first call failing, then one `step` calls later.

    Yields the number of the call, the database, the exit code and stderr, until no call is left to fail.
    """
    for n in count(1, step):
        db = folder / str(n) / "attendance.duckdb"
        if base:
            shutil.copytree(base, db.parent)
        fuse = Fuse(errors[n // step % len(errors)], n)
        code, line = _ingest(db, file, way, fuse), capsys.readouterr().err
        if not fuse.burnt:
            assert (code or 0, line) == (0, "")
            return
        yield n, db, code, line
        # An interrupted load may have made no folder.
        shutil.rmtree(db.parent, ignore_errors=base is None)


def _ingest(db: Path, file: Path, way: Way, fuse: Fuse) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["noshow", "ingest", "--db", str(db), str(file)])
        way(patch, fuse)
        with pytest.raises(SystemExit) as end:
            main()
    return end.value.code
