"""A path goes in; while the block runs, this process is the only writer."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from queries.errors import StoreBusy


@contextmanager
def only_writer(lock: Path, database: Path) -> Iterator[None]:
    """Hold the lock file, which names the holder's process. Raises `StoreBusy` where another process has it.

    A lock of our own, because DuckDB's is lost when the process opens the database file in any other way.
    """
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode(errors="replace").strip() or "unknown"
            raise StoreBusy(
                "database.busy",
                f"{database}: another writer has it (process {holder})",
                "Try again when it is done",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
