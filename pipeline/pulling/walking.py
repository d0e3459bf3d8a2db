"""Make walks to their end, saving each page, from the page at which an earlier run stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from pipeline.events import log_event
from pipeline.pulling.answers import too_large
from pipeline.pulling.source import BadAnswer, QueryRefused, Source, Transient
from pipeline.pulling.walks import Walk
from pipeline.store.saved_pulls import DamagedPages, SavedPull
from queries.errors import DataRefused
from queries.model import api_paths

# How often a walk starts from its first page again within one run, if the API refuses its cursor.
_RESTARTS = 3
_UP_TO_DATE = "Is this noshow up to date?"

# Refusals that may be about the extras of a walk alone.
_OF_EXTRAS = ("pull.permission", "pull.query")
# Pages in a row, with a cursor to the next, that bring no record that the walk has not seen.
_PAGES_OF_NOTHING_NEW = 10
# Values in the JSON of a page. A hundred records have some 20,000 of them, and 64 MiB could hold 30 million.
_MAX_VALUES = 1_000_000

# The name of a walk and the records fetched so far.
Fetched = Callable[[str, int], None]


async def fetch(source: Source, saved: SavedPull, walks: Iterable[Walk], fetched: Fetched) -> list[str]:
    """Make the walks side by side. The first that fails ends all of them; the pages fetched so far are saved.

    Returns for each walk that went on without its extras the reason in words.
    """
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_with_or_without_extras(source, saved, walk, fetched)) for walk in walks]
    except BaseExceptionGroup as failed:
        raise _first(failed) from None
    return [reason for task in tasks if (reason := task.result())]


async def _with_or_without_extras(source: Source, saved: SavedPull, walk: Walk, fetched: Fetched) -> str:
    """Make a walk; if the API refuses it with its extras, go on without them and return the reason."""
    try:
        await _walk(source, saved, walk, fetched)
    except DataRefused as refused:
        if not walk.extras or refused.code not in _OF_EXTRAS:
            raise
        log_event("pull.without_extras", walk=walk.name, code=refused.code)
        await _walk(source, saved, walk.without_extras(), fetched)
        return refused.message
    return ""


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failed.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


async def _walk(source: Source, saved: SavedPull, walk: Walk, fetched: Fetched) -> None:
    for _ in range(_RESTARTS):
        try:
            await _go_on(source, saved, walk, fetched)
            return
        except DamagedPages:
            log_event("pull.damaged", walk=walk.name)
            saved.drop(walk.name)
        except QueryRefused:
            # The first request has no cursor, so a refusal is about the query, and asking again would not help.
            if saved.last_page(walk.name) is None:
                raise
            log_event("pull.walk_again", walk=walk.name)
            saved.drop(walk.name)
    await _go_on(source, saved, walk, fetched)


async def _go_on(source: Source, saved: SavedPull, walk: Walk, fetched: Fetched) -> None:
    course = _Course(walk)
    for page in saved.pages(walk.name):
        course.add(page)
    while not course.is_done:
        body, page = await source.ask(walk.noun, walk.path, walk.request(course.cursor), _reader(walk, course.used))
        # Not saved if it is refused here: the next run asks for it again.
        course.add(page)
        saved.add_page(walk.name, body)
        fetched(walk.noun, course.records)


class _Course:
    """The pages that a walk has come past, and the cursor to the next."""

    def __init__(self, walk: Walk) -> None:
        self.used: set[str] = set()
        self.records = 0
        self.cursor: str | None = None
        self.is_done = False
        self._walk = walk
        self._seen: set[str] = set()
        self._nothing_new = 0

    def add(self, page: dict[str, Any]) -> None:
        """Come past a page. Raises `DataRefused` if many in a row brought nothing new and yet name a next."""
        records = page[self._walk.key]
        ids = {self._walk.id_of(record) for record in records}
        self._nothing_new = 0 if ids - self._seen else self._nothing_new + 1
        self._seen |= ids
        self.records += len(records)
        self.cursor = next_cursor(page)
        self.is_done = self.cursor is None
        if self.cursor:
            self.used.add(self.cursor)
            if self._nothing_new >= _PAGES_OF_NOTHING_NEW:
                raise _changed(self._walk, f"{_PAGES_OF_NOTHING_NEW} pages in a row with nothing new")


def _reader(walk: Walk, used: set[str]) -> Callable[[bytes], tuple[bytes, dict[str, Any]]]:
    """Return the function that reads a page of the walk, raising `Transient` for one that leads back.

    A page whose cursor was used before would be walked in a circle for ever, so it is asked for again.
    """

    def read(body: bytes) -> tuple[bytes, dict[str, Any]]:
        page = read_page(walk, body)
        if next_cursor(page) in used:
            raise Transient("a page that leads back")
        return body, page

    return read


def read_page(walk: Walk, body: bytes) -> dict[str, Any]:
    """Decode a page. Raises `Transient` if it is cut short or damaged, `DataRefused` if it is not a page."""
    if sum(map(body.count, (b",", b"[", b"{"))) > _MAX_VALUES:
        raise too_large(walk.noun)
    try:
        page = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadAnswer("an answer that is not JSON") from None
    records = page.get(walk.key) if isinstance(page, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _changed(walk, f"no list {walk.key}")
    # Such a page would load no record, and a full pull would take all attendance that it lists for deleted.
    if records and not any(map(walk.id_of, records)):
        raise _changed(walk, f"no {walk.key} with an id")
    paging = page.get("pagingMetadata")
    if paging is None and len(records) >= api_paths.MAX_PAGE:
        raise _changed(walk, "no pagingMetadata")
    if paging is not None and not _is_paging(paging):
        raise _changed(walk, "another pagingMetadata")
    return dict(page)


def next_cursor(page: dict[str, Any]) -> str | None:
    """The cursor of the next page, or None if this is the last."""
    paging = page.get("pagingMetadata") or {}
    return None if paging.get("hasNext") is False else (paging.get("cursors") or {}).get("next") or None


def _is_paging(paging: Any) -> bool:
    """Whether it says if there is another page, and gives its cursor if there is: no page may be missed."""
    if not isinstance(paging, dict):
        return False
    cursors = paging.get("cursors", {})
    following = cursors.get("next") if isinstance(cursors, dict) else 0
    return (following is None or isinstance(following, str)) and not (paging.get("hasNext") is True and not following)


def _changed(walk: Walk, how: str) -> DataRefused:
    return DataRefused("pull.shape", f"{walk.noun}: the API's answer has changed: {how} in it", _UP_TO_DATE)
