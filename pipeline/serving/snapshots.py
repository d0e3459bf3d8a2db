"""A database path goes in; connections to the newest published snapshot come out, kept open between requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

import queries

# Which file stands under a name, None for none: a published snapshot is a file of its own.
Identity = tuple[int, int] | None


class Snapshots:
    """Idle connections, all to the snapshot that was published last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[tuple[Identity, duckdb.DuckDBPyConnection]] = []

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection that sees what has been published, the same throughout, for one thread."""
        identity = self._published()
        connection = self._take(identity) or queries.connect(self._path)
        try:
            yield connection
        finally:
            with self._lock:
                self._idle.append((identity, connection))

    def close(self) -> None:
        """Close what is idle."""
        self._take(None)

    def _published(self) -> Identity:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns

    def _take(self, identity: Identity) -> duckdb.DuckDBPyConnection | None:
        """An idle connection to the snapshot, if there is one; those to others are closed."""
        with self._lock:
            stale = [connection for kept, connection in self._idle if kept != identity]
            self._idle = [(kept, connection) for kept, connection in self._idle if kept == identity]
            taken = self._idle.pop()[1] if self._idle else None
        for connection in stale:
            connection.close()
        return taken
