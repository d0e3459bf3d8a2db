"""A path goes in; while the block runs, this process is the only writer."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queries.errors import StoreBusy

# Seconds between two looks at a lock that another process holds.
_PAUSE = 0.05


@contextmanager
def only_writer(lock: Path, database: Path, wait: float = 0) -> Iterator[None]:
    """Hold the lock file, which names the holder's process.

    Raises `StoreBusy` where another process has it, and still has it after `wait` seconds. A lock of our own, because
    DuckDB's is lost when the process opens the database file in any other way.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        until = time.monotonic() + wait
        while not _taken(handle):
            if time.monotonic() >= until:
                raise _busy(handle, database, wait)
            time.sleep(_PAUSE)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(handle: int, database: Path, wait: float) -> StoreBusy:
    holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
    waited = f" after {wait:g} seconds" if wait else ""
    return StoreBusy(
        "database.busy",
        f"{database}: another writer has it{waited} (process {holder})",
        "Try again when it is done, or wait for it with --wait SECONDS",
    )
