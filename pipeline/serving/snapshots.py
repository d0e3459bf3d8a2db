"""Keep connections to the newest published snapshot open between requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb

import queries
from queries.answers.pages import origin_of
from queries.language.cursor import Origin

# The file that has the database's name, by inode and time of change; None if there is none. Publishing puts another
# file in its place, so a connection to the old one shows old rows.
Identity = tuple[int, int] | None


@dataclass(frozen=True)
class Reading:
    """A connection to one snapshot, and the answers that it gives once instead of with each request."""

    connection: duckdb.DuckDBPyConnection
    identity: Identity

    @cached_property
    def origin(self) -> Origin:
        """The origin of its cursors, which go on over later snapshots. Raises `DataRefused` for a wrong secret."""
        return origin_of(self.connection, lasting=True)


class Snapshots:
    """Idle connections to the snapshot that was published last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._idle: list[Reading] = []

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Lend a connection to the newest snapshot to one thread; it sees the same rows throughout the block."""
        identity = self._published()
        reading = self._take(identity) or Reading(queries.connect(self._path), identity)
        try:
            yield reading
        finally:
            with self._lock:
                self._idle.append(reading)

    @property
    def are_open(self) -> bool:
        """Whether an idle connection to the newest snapshot is there."""
        with self._lock:
            return bool(self._idle) and self._idle[-1].identity == self._published()

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

    def _take(self, identity: Identity) -> Reading | None:
        """Take an idle connection to the snapshot, if there is one, and close those to older snapshots."""
        self._close_all_but(identity)
        with self._lock:
            return self._idle.pop() if self._idle and self._idle[-1].identity == identity else None

    def _close_all_but(self, identity: Identity) -> None:
        with self._lock:
            stale = [reading for reading in self._idle if reading.identity != identity]
            self._idle = [reading for reading in self._idle if reading.identity == identity]
        for reading in stale:
            reading.connection.close()
