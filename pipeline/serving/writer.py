"""Changes go in from any thread; each is committed and published before its answer comes out.

One thread writes. Changes that wait at the same time share one opening of the store and one publication, each in its
own transaction, in the order in which they came. Between two openings other programs can write.
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

# Seconds to wait for another program that writes: shorter than a caller's patience.
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
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """End when all that was handed in is written."""
        self._waiting.put(None)
        self._thread.join()

    def write(self, change: Change) -> Future[Wire]:
        """The answer of a change, once it is published; or the error that it was refused with."""
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
        """All that waits by now, and whether more may come."""
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
            # What was committed is published by the next change; until then nobody may take it for done.
            outcomes = [error] * len(batch)
        for (_, answer), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                answer.set_exception(outcome)
            else:
                answer.set_result(outcome)


def _outcome(store: Store, change: Change) -> Wire | Exception:
    """What a change answers, or why it was undone: the others do not suffer for it."""
    try:
        with machine_errors(store.path):
            return change(store)
    except Exception as error:
        return error
