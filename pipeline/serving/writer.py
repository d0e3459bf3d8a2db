"""Write changes handed in by any thread; each is answered only once it is committed and published.

One thread writes. Changes that wait at the same time share one opening of the store and one publication, each in its
own transaction, in the order in which they were handed in. Between two openings other programs can write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from queue import Empty, SimpleQueue

from pipeline.machine import machine_errors
from pipeline.settings import Settings
from pipeline.store.opening import Store, open_store
from queries.listings.attendance import Wire

# Seconds to wait for another program that is writing: shorter than the usual timeout of a caller.
LOCK_SECONDS = 2.0
Change = Callable[[Store], Wire]


class Writer:
    """The one writer of a database, from `start` to `stop`."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self._path = path
        self._settings = settings
        self._waiting: SimpleQueue[tuple[Change, Future[Wire]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        """Start the writing thread."""
        self._thread.start()

    def stop(self) -> None:
        """Write all changes handed in so far, then end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def write(self, change: Change) -> Future[Wire]:
        """Hand in a change. The future gets its answer once it is published, or the error that refused it."""
        answer: Future[Wire] = Future()
        self._waiting.put((change, answer))
        return answer

    def _run(self) -> None:
        while first := self._waiting.get():
            batch, goes_on = self._with_others(first)
            self._write(batch)
            if not goes_on:
                return

    def _with_others(self, first: tuple[Change, Future[Wire]]) -> tuple[list[tuple[Change, Future[Wire]]], bool]:
        """The change with all others that are waiting, and whether more may come (False after `stop`)."""
        batch = [first]
        while True:
            try:
                following = self._waiting.get_nowait()
            except Empty:
                return batch, True
            if following is None:
                return batch, False
            batch.append(following)

    def _write(self, batch: list[tuple[Change, Future[Wire]]]) -> None:
        outcomes: list[Wire | Exception] = []
        try:
            with open_store(self._path, settings=self._settings, wait=LOCK_SECONDS) as store:
                outcomes.extend(_outcome(store, change) for change, _ in batch)
        except Exception as error:
            # Some changes may be committed but not published, so their callers must not take them for done. The next
            # change publishes them.
            outcomes = [error] * len(batch)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)


def _outcome(store: Store, change: Change) -> Wire | Exception:
    """Apply a change and return its answer, or the error that undid it, so that the other changes go on."""
    try:
        with machine_errors(store.path):
            return change(store)
    except Exception as error:
        return error
