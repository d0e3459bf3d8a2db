"""Let one process at a time write, by a lock file of our own."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from queries.errors import StoreBusy, UsageError
from queries.files import make_folder

try:
    import fcntl
except ImportError:  # Windows has none, and reads databases only
    fcntl = None  # type: ignore[assignment]

# Seconds between two attempts to take a lock that another process holds.
_PAUSE = 0.05


@contextmanager
def only_writer(lock: Path, database: Path, wait: float = 0) -> Iterator[None]:
    """Hold the lock file while the block runs; the file names the process that holds it. Its folder is made if need be.

    Raises `StoreBusy` if another process still holds it after `wait` seconds, `UsageError` if nothing can hold it.
    """
    if fcntl is None:
        raise UsageError(
            "machine.writer",
            f"{database}: this system can read databases and make reports, but not write databases",
            "Load on Linux or macOS, or on Windows in its Subsystem for Linux (WSL)",
        )
    make_folder(lock.parent)
    # DuckDB's own lock is not enough. It is a POSIX lock, which the kernel drops as soon as the process closes any
    # other handle of the file, after hashing or copying it for example. Another process can then open the database for
    # writing, and the next checkpoint of this one discards its commits: 100,000 rows in a test, without an error.
    # `flock` belongs to this handle alone, and a killed process releases it at once.
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
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


def is_open_here_alone(file: BinaryIO) -> bool:
    """Whether no other handle of the file is open, in any process. Where the system cannot say: no."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    try:
        # Linux grants a lease for writing only on a file that is open nowhere else. Should somebody open it before the
        # lease is given back, the kernel sends a signal: by default one that ends the process, so it is another one.
        fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError:
        return False
    return True


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(handle: int, database: Path, wait: float) -> StoreBusy:
    written = os.pread(handle, 32, 0).strip()
    # A disk may have damaged it, and the process may not have written it yet.
    holder = written.decode() if written.isdigit() else "unknown"
    waited = f" after {wait:g} seconds" if wait else ""
    return StoreBusy(
        "database.busy",
        f"{database}: another writer has it{waited} (process {holder})",
        "Try again when it is done, or wait for it with --wait SECONDS",
    )
