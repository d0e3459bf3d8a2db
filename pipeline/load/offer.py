"""Let DuckDB read one frame after the other as a table of one name, without keeping them all in memory.

DuckDB keeps every object registered within a transaction until the transaction ends, with all its rows. If each frame
of a file were registered, the whole file would stay in memory: a file of 4 million attendances took 2.0 GB instead of
1.2 GB. So one object is registered once, and hands out whichever frame it holds when a statement reads it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl


class Offer:
    """A table name on a connection, and the frame behind it at the moment; all frames have the same columns."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        self._connection = connection
        self._name = name
        self._frame: pl.DataFrame | None = None

    @contextmanager
    def holding(self, frame: pl.DataFrame) -> Iterator[None]:
        """Let statements of the block read the frame's rows; afterwards the table is empty."""
        is_new, self._frame = self._frame is None, frame
        if is_new:
            self._connection.register(self._name, self)
        try:
            yield
        finally:
            self._frame = frame.clear()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return the rows as an Arrow stream. DuckDB calls this for each statement that reads the table.

        Source: the Arrow PyCapsule interface, https://arrow.apache.org/docs/format/CDataInterface/PyCapsuleInterface.html
        """
        if self._frame is None:
            raise RuntimeError(f"{self._name} was never held")
        return self._frame.__arrow_c_stream__(requested_schema)
