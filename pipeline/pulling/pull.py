"""Pull records from the API into a database, or load saved pages again.

First everything is fetched and saved, then it is loaded in one go, so the next run can go on if this one dies.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.events import log_event
from pipeline.load.deletions import contacts_to_forget
from pipeline.load.ingestion import ingest
from pipeline.load.outcomes import FileOutcome
from pipeline.load.run import Progress
from pipeline.people.erased_contacts import erased_contacts
from pipeline.people.erasing_pages import erase_known_from_pages
from pipeline.pulling.choice import chosen
from pipeline.pulling.fees import bookings_with_fees, fetch_fees
from pipeline.pulling.gone import bookings_of, not_listed, write_deletions
from pipeline.pulling.source import Access, Source, Surroundings
from pipeline.pulling.walking import Fetched, fetch
from pipeline.pulling.walks import AROUND, Walk, first_walks, walks_by
from pipeline.settings import Settings, read_settings
from pipeline.store.files import StoreFiles
from pipeline.store.lock import only_writer
from pipeline.store.opening import Store, open_store
from pipeline.store.saved_pulls import SavedPull, Terms, keep_last, saved_pulls, walk_of
from queries.database import database_id, database_path
from queries.errors import InputNotFound, UsageError
from queries.keyed_hash import keyed_hash
from queries.moments import naive_utc
from queries.packaged import packaged_sql

# The order of loading: bookings before their attendance, deletions last.
_ORDER = ("services", "events", "bookings", "fees", "attendances", "again", "deleted")


@dataclass(frozen=True, slots=True)
class _Home:
    """The database to pull into, its settings, the seconds to wait for another writer, and the outside world."""

    path: Path
    settings: Settings
    wait: float
    around: Surroundings

    def store(self) -> AbstractContextManager[Store]:
        return open_store(self.path, settings=self.settings, wait=self.wait)


@dataclass(frozen=True, slots=True)
class Pulled:
    """The result of a pull: the outcome of each part, in the order of loading.

    `since` is None if everything was fetched; `gone_on` if an earlier run began the pull; `is_beginning` if nothing
    older than `since` was pulled before. `forget` are the contacts that the API asks to forget, to be passed to
    `pipeline.erase`. `left_out` names the things that the site does not give, each with
    the reason: the pull went on without them.
    """

    outcomes: tuple[FileOutcome, ...]
    since: dt.datetime | None
    gone_on: bool
    is_beginning: bool
    forget: tuple[str, ...]
    left_out: tuple[str, ...] = ()


def pull(
    db: str | os.PathLike[str] | None = None,
    *,
    since: dt.datetime | None = None,
    full: bool = False,
    settings: Settings | None = None,
    wait: float = 0,
    fetched: Fetched | None = None,
    progress: Progress | None = None,
    around: Surroundings | None = None,
) -> Pulled:
    """Fetch and load the changes since the last finished pull or since a moment, or everything (`full`, or at first).

    `fetched` is called with the kind of record being fetched and the number so far, `progress` with the file being
    loaded.

    Raises `UsageError` if key or site are not set, or if `since` is given while a pull of everything is unfinished;
    `DataRefused` if the API refuses key or query or answers in another shape; `InputNotFound` for an unknown site;
    `OutputFailed` if the API cannot be reached or the time is up; `StoreBusy` if another process is writing.
    """
    home = _Home(database_path(db), settings or read_settings(), wait, around or Surroundings())
    access = access_of(home.settings)
    with _only_pull(home) as database:
        wanted = Terms(home.around.now(), keyed_hash(database, access.site), since)
        choice = chosen(home.path, wanted, full)
        saved = choice.saved
        log_event("pull.begun", pull=saved.folder.name, gone_on=int(choice.gone_on))
        left_out = _run(_fetch(home, saved, access, fetched or (lambda _, __: None)))
        outcomes, forget = _load(home, [saved], progress)
        _end(home, saved, outcomes)
    is_beginning = choice.is_first and saved.terms.since is not None
    return Pulled(outcomes, saved.terms.since, choice.gone_on, is_beginning, forget, tuple(left_out))


def _end(home: _Home, saved: SavedPull, outcomes: Sequence[FileOutcome]) -> None:
    """Finish the pull, or leave it unfinished for the next run if a part was refused."""
    refused = {walk_of(outcome.file) for outcome in outcomes if outcome.refused}
    for walk in refused:
        # The next run fetches them again. Kept, they would be refused each time, even once the API answers rightly.
        saved.drop(walk)
    if not refused:
        saved.finish(home.around.now())
        keep_last(home.path, home.settings.pulls_kept, saved)
        log_event("pull.done", pull=saved.folder.name)


def _run(work: Coroutine[Any, Any, list[str]]) -> list[str]:
    """Run a coroutine, in another thread if this one already runs an event loop, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def replay(
    db: str | os.PathLike[str] | None = None,
    *,
    settings: Settings | None = None,
    wait: float = 0,
    progress: Progress | None = None,
) -> Pulled:
    """Load the saved pages of all finished pulls, the oldest first; pages loaded before change nothing.

    Raises `InputNotFound` if no finished pull is saved, `StoreBusy` if another process is writing.
    """
    home = _Home(database_path(db), settings or read_settings(), wait, Surroundings())
    with _only_pull(home):
        finished = [saved for saved in saved_pulls(home.path) if saved.terms.finished_at]
        if not finished:
            raise InputNotFound("pull.none", f"{home.path}: no pull is saved beside it", "Make one with `noshow pull`")
        outcomes, forget = _load(home, finished, progress)
    return Pulled(outcomes, since=None, gone_on=False, is_beginning=False, forget=forget)


def access_of(settings: Settings) -> Access:
    """The API's address, key and site from the settings. Raises `UsageError` if key or site are not set."""
    if settings.api_key is None or settings.site_id is None:
        missing = "api_key" if settings.api_key is None else "site_id"
        hint = f"Set NOSHOW_{missing.upper()}, or {missing} in noshow.toml"
        raise UsageError("pull.not_set", f"{missing} is not set", hint)
    return Access(settings.api_address, settings.api_key.get_secret_value(), settings.site_id.get_secret_value())


@contextmanager
def _only_pull(home: _Home) -> Iterator[str]:
    """Keep other pulls and erasures away from the saved pages during the block; yields the database's id."""
    with home.store() as store:
        database = database_id(store.connection)
    with only_writer(StoreFiles(home.path).pulls_lock, home.path, home.wait):
        yield database


async def _fetch(home: _Home, saved: SavedPull, access: Access, fetched: Fetched) -> list[str]:
    """Fetch everything; returns the things that the site does not give, each with the reason."""
    terms = saved.terms
    async with Source(access, home.settings.pull_minutes * 60, home.around) as source:
        refused = await fetch(source, saved, first_walks(terms.started_at, terms.since), fetched)
        left_out = [f"orders and fee policies are left out: {reason}" for reason in refused]
        more = _walks_of_unlisted(home, saved) if terms.since is None else _walks_of_recent(home, saved, terms.since)
        await fetch(source, saved, more, fetched)
        reason = await fetch_fees(source, saved, _bookings_with_fees(home, saved), fetched)
    return [*left_out, *([f"fees are left out: {reason}"] if reason else [])]


def _bookings_with_fees(home: _Home, saved: SavedPull) -> list[str]:
    """The bookings to ask fees of: those fetched that may have one, and those whose fee may have changed alone."""

    def plan() -> list[str]:
        began = saved.terms.started_at
        bind = {"first": naive_utc((saved.terms.since or began) - AROUND), "last": naive_utc(began)}
        with home.store() as store:
            rows = store.connection.execute(packaged_sql("pipeline", "pulling", "fees_to_ask"), bind).fetchall()
        return list(dict.fromkeys([*bookings_with_fees(saved), *(booking for (booking,) in rows)]))

    return saved.planned("fee-bookings", plan)


def _walks_of_unlisted(home: _Home, saved: SavedPull) -> list[Walk]:
    """Walks that ask again, by id, for stored attendance that a full pull did not list."""

    def plan() -> list[str]:
        with home.store() as store:
            return not_listed(store.connection, saved)

    return walks_by("id", "again", saved.planned("again", plan))


def _walks_of_recent(home: _Home, saved: SavedPull, since: dt.datetime) -> list[Walk]:
    """Walks over the attendance of the bookings fetched, and of bookings whose sessions began recently.

    Marking attendance does not change the booking, so the second group cannot be found by a query for changes.
    """

    def plan() -> list[str]:
        bind = {"first": naive_utc(since - AROUND), "last": naive_utc(saved.terms.started_at)}
        with home.store() as store:
            rows = store.connection.execute(packaged_sql("pipeline", "pulling", "marked_around"), bind).fetchall()
        return list(dict.fromkeys([*bookings_of(saved), *(booking for (booking,) in rows)]))

    return walks_by("bookingId", "attendances", saved.planned("bookings", plan))


def _load(
    home: _Home, pulls: Sequence[SavedPull], progress: Progress | None
) -> tuple[tuple[FileOutcome, ...], tuple[str, ...]]:
    with home.store() as store:
        loaded = [outcome for saved in pulls for outcome in _load_pull(store, saved, home.around, progress)]
        for saved in pulls:
            erase_known_from_pages(saved.all_parts(), erased_contacts(store.connection))
        return tuple(loaded), tuple(contacts_to_forget(store.connection))


def _load_pull(store: Store, saved: SavedPull, around: Surroundings, progress: Progress | None) -> list[FileOutcome]:
    if saved.terms.since is None:
        write_deletions(saved)
    parts = [part for name in _ORDER for part in saved.parts_of_all(name)]
    return ingest(store, parts, stated_at=saved.terms.started_at, now=around.now(), progress=progress)
