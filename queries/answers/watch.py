"""Interrupt statements that take longer than they may."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from queries.errors import QueryError
from queries.language.limits import MAX_SECONDS


class _Watch:
    """One thread for all statements that run in this process.

    A timer of its own would be a thread for each statement, which takes longer than looking up a row. This thread
    sleeps until the first deadline, and mostly finds the statement gone. Once nothing runs it ends, and the next
    statement starts another.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        # Of each statement that runs: its deadline, and the connection to interrupt.
        self._running: dict[int, tuple[float, duckdb.DuckDBPyConnection]] = {}
        self._thread: threading.Thread | None = None
        self._wakes_at = 0.0

    def begin(self, con: duckdb.DuckDBPyConnection, seconds: float) -> int:
        """Interrupt the connection in so many seconds, unless the number that this returns ends before."""
        deadline = time.monotonic() + seconds
        with self._changed:
            number = next(self._numbers)
            self._running[number] = deadline, con
            # A thread does not outlive a fork.
            if self._thread is None or not self._thread.is_alive():
                self._wakes_at = deadline
                self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
                self._thread.start()
            elif deadline < self._wakes_at:
                self._changed.notify()
        return number

    def end(self, number: int) -> None:
        """Leave the connection alone."""
        with self._changed:
            self._running.pop(number, None)

    def _run(self) -> None:
        with self._changed:
            while self._running:
                self._interrupt_late()
                self._wakes_at = min((deadline for deadline, _ in self._running.values()), default=0.0)
                if self._running:
                    self._changed.wait(max(0.0, self._wakes_at - time.monotonic()))
            self._thread = None

    def _interrupt_late(self) -> None:
        now = time.monotonic()
        for number, (deadline, con) in list(self._running.items()):
            if deadline <= now:
                del self._running[number]
                con.interrupt()


_WATCH = _Watch()


@contextmanager
def time_limit(con: duckdb.DuckDBPyConnection, seconds: float = MAX_SECONDS) -> Iterator[None]:
    """Interrupt a statement on the connection after so many seconds. Raises `QueryError` QUERY_TIMEOUT."""
    number = _WATCH.begin(con, seconds)
    try:
        yield
    except duckdb.InterruptException:
        raise QueryError("QUERY_TIMEOUT", "", f"it took more than {seconds:g} seconds", "Ask for less") from None
    finally:
        _WATCH.end(number)
