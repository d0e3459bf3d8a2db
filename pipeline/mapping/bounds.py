"""Keep one expression of a mapping from taking all time or memory: an endless one would stop the nightly load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

import duckdb

from pipeline.mapping.tree import Node, arguments, literal_of

# For one expression over one chunk of a file, which usually takes milliseconds.
SECONDS = 60
# Functions that make a value of a given size, and the largest size.
_SIZED = {"range", "generate_series", "repeat", "lpad", "rpad", "list_resize", "array_resize"}
_LARGEST = 1_000_000


class TooSlow(Exception):
    """An expression was stopped because it took longer than `SECONDS`."""

    def __str__(self) -> str:
        return f"it takes longer than {SECONDS} seconds"


@contextmanager
def stopped_in_time(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Interrupt the connection's statements after `SECONDS`. Raises `TooSlow`, not an error of DuckDB."""
    timer = Timer(SECONDS, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    except duckdb.InterruptException:
        if timer.finished.is_set():
            raise TooSlow from None
        raise
    finally:
        timer.cancel()


def too_large(node: Node) -> str:
    """Why a call must not be made: the size that it names is too large; or an empty text."""
    name = node["function_name"].lower()
    sizes = [_number(argument) for argument in arguments(node)] if name in _SIZED else []
    if name in ("range", "generate_series") and len(sizes) > 1:
        sizes = [abs(sizes[1] - sizes[0])]
    return f"{name}: sizes over {_LARGEST:,} cannot be used here" if any(n > _LARGEST for n in sizes) else ""


def _number(node: Node) -> float:
    if node["class"] == "CAST":
        return _number(node["child"])
    literal = literal_of(node) or {}
    return float(literal["text"]) if literal.get("kind") in ("INTEGER", "NUMERIC") else 0
