"""Frames go in, one after the other; DuckDB reads each, while it is held, as a table whose name stays the same.

What is registered within a transaction is kept until the transaction ends, with all its rows: to register each frame of
a file anew would keep the whole file in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl


class Offer:
    """A table's name on a connection, and the frame that it stands for at the moment; all have the same columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._frame: pl.DataFrame | None = None

    @contextmanager
    def holding(self, frame: pl.DataFrame) -> Iterator[None]:
        """Let statements of the block read the frame's rows; afterwards there are none."""
        is_new, self._frame = self._frame is None, frame
        if is_new:
            self._connection.register(self._name, self)
        try:
            yield
        finally:
            self._frame = frame.clear()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows, asked for by DuckDB at each statement (Arrow's PyCapsule protocol)."""
        if self._frame is None:
            raise RuntimeError(f"{self._name} was never held")
        return self._frame.__arrow_c_stream__(requested_schema)
