"""Make walks to their end, saving each page, from the page at which an earlier run stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from pipeline.events import log_event
from pipeline.pulling.source import QueryRefused, Source, Transient
from pipeline.pulling.walks import Walk
from pipeline.store.saved_pulls import DamagedPages, SavedPull
from queries.errors import DataRefused
from queries.model import api_paths

# How often a walk starts from its first page again within one run, if the API refuses its cursor.
_RESTARTS = 3
_UP_TO_DATE = "Is this noshow up to date?"

# The name of a walk and the records fetched so far.
Fetched = Callable[[str, int], None]


async def fetch(source: Source, saved: SavedPull, walks: Iterable[Walk], fetched: Fetched) -> None:
    """Make the walks side by side. The first that fails ends all of them; the pages fetched so far are saved."""
    try:
        async with asyncio.TaskGroup() as group:
            for walk in walks:
                group.create_task(_walk(source, saved, walk, fetched))
    except BaseExceptionGroup as failed:
        raise _first(failed) from None


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
    used: set[str] = set()
    records = 0
    for page in saved.pages(walk.name):
        used |= {following} if (following := next_cursor(page)) else set()
        records += len(page[walk.key])
    last = saved.last_page(walk.name)
    cursor = next_cursor(last) if last else None
    while last is None or cursor:
        body, page = await source.ask(walk.noun, walk.path, walk.request(cursor), _reader(walk, used))
        saved.add_page(walk.name, body)
        records += len(page[walk.key])
        fetched(walk.noun, records)
        last, cursor = page, next_cursor(page)
        used |= {cursor} if cursor else set()


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
    try:
        page = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Transient("an answer that is not JSON") from None
    records = page.get(walk.key) if isinstance(page, dict) else None
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _changed(walk, f"no list {walk.key}")
    # Such a page would load no record, and a full pull would take all attendance that it lists for deleted.
    if records and not any(map(walk.has_id, records)):
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
