"""Keep connections to the newest published snapshot open between requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

import queries

# The file that has the database's name, by inode and time of change; None if there is none. Publishing puts another
# file in its place, so a connection to the old one shows old rows.
Identity = tuple[int, int] | None


class Snapshots:
    """Idle connections to the snapshot that was published last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[tuple[Identity, duckdb.DuckDBPyConnection]] = []

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend a connection to the newest snapshot to one thread; it sees the same rows throughout the block."""
        identity = self._published()
        connection = self._take(identity) or queries.connect(self._path)
        try:
            yield connection
        finally:
            with self._lock:
                self._idle.append((identity, connection))

    def close_old(self) -> None:
        """Close the idle connections to older snapshots: while one is open, that file cannot be used again."""
        self._close_all_but(self._published())

    def close(self) -> None:
        """Close the idle connections."""
        self._close_all_but(None)

    def _published(self) -> Identity:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns

    def _take(self, identity: Identity) -> duckdb.DuckDBPyConnection | None:
        """Take an idle connection to the snapshot, if there is one, and close those to older snapshots."""
        self._close_all_but(identity)
        with self._lock:
            return self._idle.pop()[1] if self._idle and self._idle[-1][0] == identity else None

    def _close_all_but(self, identity: Identity) -> None:
        with self._lock:
            stale = [connection for kept, connection in self._idle if kept != identity]
            self._idle = [(kept, connection) for kept, connection in self._idle if kept == identity]
        for connection in stale:
            connection.close()
