"""Let one process at a time write, by a lock file of our own.

The file has one line, `PROCESS HOST TOKEN`, of the process that took it last. Where machines share a disk over the
network, the lock of one may not hold for another. The later of two writers then writes its line over that of the
earlier, and the earlier stops before its next commit, and publishes nothing.
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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
# A process number, and the host and token that follow it since this noshow.
_LINE = re.compile(r"([0-9]{1,20})(?: ([A-Za-z0-9._-]{1,253}) [0-9a-f]{1,64})?")
# As many bytes as the longest line has.
_LONGEST = 400


@dataclass(frozen=True)
class Lock:
    """A lock file that this process holds."""

    file: Path
    database: Path
    line: str

    def require_held(self) -> None:
        """Raise `StoreBusy` if another process has taken the lock meanwhile, as it can where locks do not hold."""
        # Opened again: over NFS only an opening asks the server for the writes of others.
        written = _read(self.file)
        # Nobody has taken a file that is not there: the next writer makes one.
        if written not in (self.line, None):
            raise StoreBusy(
                "database.taken",
                f"{self.database}: another writer has begun while this one was writing ({_writer(written)})",
                "Let one machine at a time write to a disk that several share, then run the command again",
            )


@contextmanager
def only_writer(lock: Path, database: Path, wait: float = 0) -> Iterator[Lock]:
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
                raise _busy(lock, database, wait)
            time.sleep(_PAUSE)
        line = f"{os.getpid()} {_host()} {os.urandom(8).hex()}"
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{line}\n".encode(), 0)
        yield Lock(lock, database, line)
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


def _busy(lock: Path, database: Path, wait: float) -> StoreBusy:
    waited = f" after {wait:g} seconds" if wait else ""
    return StoreBusy(
        "database.busy",
        f"{database}: another writer has it{waited} ({_writer(_read(lock) or '')})",
        "Try again when it is done, or wait for it with --wait SECONDS",
    )


def _read(lock: Path) -> str | None:
    """The line of a lock file, empty if it holds anything but a line of ours, or None without a file."""
    try:
        with lock.open("rb") as file:
            written = file.read(_LONGEST + 1).decode("ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    return written if _LINE.fullmatch(written) else ""


def _writer(line: str) -> str:
    """The process that a line names, for a message."""
    # A disk may have damaged it, and the process may not have written it yet.
    found = _LINE.fullmatch(line)
    if found is None:
        return "process unknown"
    process, host = found.groups()
    return f"process {process}" if host in (None, _host()) else f"process {process} on {host}"


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", os.uname().nodename)[:253] or "unknown"
