"""Write changes handed in by any thread; each is answered once it is committed and in the journal.

One thread writes. Marks that wait at the same time are set in one transaction, in the order in which they were handed
in. A kill can tear a checkpoint, so they stay in the log until they are published; where the log would not do to bring
them back (see `Store.keep_log`), they are published first. Answered marks are published when nothing waits any more,
when somebody asks for it to be shown, and after a quarter of a second at the latest; a reader that asks sees every
change that was answered before. While changes keep coming the store stays open, for a second at most: then other
programs can write.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import groupby
from pathlib import Path
from queue import Empty, SimpleQueue

from pipeline.machine import machine_errors
from pipeline.marks.asked import Mark
from pipeline.marks.marking import set_each
from pipeline.settings import Settings
from pipeline.store.files import StoreFiles
from pipeline.store.journal import read_journal
from pipeline.store.opening import Store, open_store
from pipeline.store.publication import published_generation
from queries.errors import NoshowError
from queries.wire import Wire

# Seconds to wait for another program that is writing: shorter than the usual timeout of a caller.
LOCK_SECONDS = 2.0
# Seconds for which the store stays open for the next change, and those after which it is closed in any case.
LINGER_SECONDS = 0.05
OPEN_SECONDS = 1.0
# Seconds after which a change that was answered is published, even if others keep coming.
SHOW_SECONDS = 0.25
# Seconds for which a batch waits to be as large as the last.
GATHER_SECONDS = 0.02
# A mark to set, or any other change.
Change = Mark | Callable[[Store], Wire]
_Waiting = tuple[Change, Future[Wire]]


class Writer:
    """The one writer of a database, from `start` to `stop`.

    `report` is called with an error that no caller waits for any more, and `published` after each publication.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        report: Callable[[str], None],
        published: Callable[[], None] = lambda: None,
    ) -> None:
        self._path = path
        self._settings = settings
        self._report = report
        self._published = published
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._is_stopping = False
        self._usual = 0
        self._unshown_since = 0.0
        self._thread = threading.Thread(target=self._run, name="writer")

    def start(self) -> None:
        """Start the writing thread, which first publishes the marks that a kill left."""
        self._unshown_since = time.monotonic() if self._is_behind() else 0
        self._thread.start()

    def stop(self) -> None:
        """Write all changes handed in so far, then end the thread."""
        self._waiting.put(None)
        self._thread.join()

    def write(self, change: Change) -> Future[Wire]:
        """Hand in a change. The future gets its answer once it is committed, or the error that refused it."""
        answer: Future[Wire] = Future()
        self._waiting.put((change, answer))
        return answer

    @property
    def has_shown_all(self) -> bool:
        """Whether all that was answered is published, so that `show` does not wait."""
        return not self._unshown_since

    def show(self) -> None:
        """Wait until all that was answered is published; if that fails, a line says so, and readers go on."""
        if self._unshown_since:
            self.write(_show).exception()

    def _run(self) -> None:
        if self._unshown_since:
            self._write([])
        while batch := self._gathered(None):
            self._write(batch)

    def _is_behind(self) -> bool:
        """Whether a kill left changes that were answered and not published."""
        journal = StoreFiles(self._path).journal
        try:
            newest = read_journal(journal, read_journal(journal, "").database).generation
            return newest > published_generation(self._path)
        except NoshowError:
            return False  # every call says what is wrong with the file

    def _gathered(self, seconds: float | None) -> list[_Waiting]:
        """All changes that wait, once there is one; none after some seconds, or after `stop`.

        Clients that were answered together come back one after another: a batch waits a moment for as many as the last
        one had, or the first of them would have a batch of its own, which takes as long.
        """
        batch: list[_Waiting] = []
        until = 0.0
        while not self._is_stopping:
            try:
                if not batch:
                    one = self._waiting.get(timeout=seconds)
                    until = time.monotonic() + GATHER_SECONDS
                elif len(batch) < self._usual:
                    one = self._waiting.get(timeout=max(0, until - time.monotonic()))
                else:
                    one = self._waiting.get_nowait()
            except Empty:
                break
            self._is_stopping = one is None
            # A caller that has gone may have taken its change back.
            batch += [one] if one and one[1].set_running_or_notify_cancel() else []
        self._usual = len(batch) or self._usual
        return batch

    def _write(self, batch: list[_Waiting]) -> None:
        """Write changes, and those that come while the store is open."""
        try:
            with open_store(self._path, settings=self._settings, wait=LOCK_SECONDS) as store:
                until, keeps_log = time.monotonic() + OPEN_SECONDS, store.keep_log()
                while batch:
                    outcomes = _outcomes(store, [change for change, _ in batch])
                    self._unshown_since = self._unshown_since or time.monotonic()
                    answered, batch = batch, [one for one in batch if one[0] is _show]
                    shows = batch
                    try:
                        if not keeps_log:
                            self._publish(store)
                            keeps_log = store.keep_log()
                    finally:  # committed and in the journal, published or not
                        _answer([pair for pair in zip(answered, outcomes, strict=True) if pair[0][0] is not _show])
                    if shows or time.monotonic() > self._unshown_since + SHOW_SECONDS:
                        self._publish(store)
                        _answer([(one, {}) for one in shows])
                    batch = self._gathered(LINGER_SECONDS) if time.monotonic() < until else []
                self._publish(store)
        except Exception as error:
            # Answered marks are committed, and the next change publishes it.
            self._unshown_since = 0
            _answer([(one, error) for one in batch])
            if not batch or batch[0][0] is _show:
                self._report(str(error))

    def _publish(self, store: Store) -> None:
        store.publish()
        self._published()
        self._unshown_since = 0


def _show(_: Store) -> Wire:
    """The change that changes nothing, and is answered once all before it is published."""
    return {}


def _answer(answers: Sequence[tuple[_Waiting, Wire | Exception]]) -> None:
    for (_, answer), outcome in answers:
        if isinstance(outcome, Exception):
            answer.set_exception(outcome)
        else:
            answer.set_result(outcome)


def _outcomes(store: Store, changes: Sequence[Change]) -> list[Wire | Exception]:
    """Apply changes in their order; return the answer of each, or the error that undid it."""
    outcomes: list[Wire | Exception] = []
    for are_marks, run in groupby(changes, lambda change: isinstance(change, Mark)):
        some = list(run)
        outcomes += _set(store, [one for one in some if isinstance(one, Mark)]) if are_marks else []
        outcomes += [_outcome(store, change) for change in some if not isinstance(change, Mark)]
    return outcomes


def _set(store: Store, marks: Sequence[Mark]) -> list[Wire | Exception]:
    """Set marks together, or one by one if an error undoes them all, so that one of them does not undo the others."""
    try:
        with machine_errors(store.path):
            return list(set_each(store, marks))
    except Exception as error:
        return [error] if len(marks) == 1 else [outcome for mark in marks for outcome in _set(store, [mark])]


def _outcome(store: Store, change: Callable[[Store], Wire]) -> Wire | Exception:
    """Apply a change and return its answer, or the error that undid it, so that the other changes go on."""
    try:
        with machine_errors(store.path):
            return change(store)
    except Exception as error:
        return error
