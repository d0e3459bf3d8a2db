"""Make items in a thread while the caller uses those before, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")


def one_ahead(items: Iterator[Item]) -> Iterator[Item]:
    """Yield the items; while the caller uses one, a thread makes the next.

    Exactly one ahead, so that a slow consumer does not let chunks pile up in memory. An error of the thread is raised
    to the caller at the item it belongs to.
    """
    with ThreadPoolExecutor(1) as thread:
        coming = thread.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = thread.submit(next, items, None)
            yield item
