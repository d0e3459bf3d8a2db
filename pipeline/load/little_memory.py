"""Load a file in little memory, whatever its size: rows that are staged and sorted beyond it go to the disk.

By default DuckDB takes most of the machine's memory before it spills: a file of 1,000,000 attendances took 800 MB.
Under the limit here it takes 400, and a sixth more CPU time. Not everything can be spilled, so the limit is given up
if it is too low: the file is then loaded once more without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import duckdb

from pipeline.store.opening import Store

# Of an unpacked file DuckDB gets a tenth of its size, and at least so many bytes. With less, large loads of changes run
# out of memory, and small ones take no less, since most of the rest is the rows on their way to the database.
LEAST = 150_000_000
_SHARE = 10
Loaded = TypeVar("Loaded")


def loaded_in_little_memory(store: Store, size: int, load: Callable[[], Loaded]) -> Loaded:
    """Call `load` for a file of `size` bytes; if memory does not suffice, which undoes its transaction, call it again
    without the limit.

    A limit that the owner has set stays as it is: nothing is lifted or tried again then.
    """
    if store.settings.memory_limit:
        return load()
    try:
        store.connection.execute("set memory_limit = $limit", {"limit": f"{max(LEAST, size // _SHARE)}B"})
        return load()
    except duckdb.OutOfMemoryException:
        lift_limit(store)
        return load()
    finally:
        lift_limit(store)


def lift_limit(store: Store) -> None:
    """End the limit, so that the load is committed without it."""
    if not store.settings.memory_limit:
        store.connection.execute("reset memory_limit")
