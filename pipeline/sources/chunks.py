"""Chunks of raw records with their places in the file, as every reader of a source returns them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline.faults import Fault

RECORDS_PER_CHUNK = 40_000


@dataclass(slots=True)
class Chunk:
    """Raw records: their numbers in the file (ascending, from 0), bytes, lines (from 1) and indexes (from 0).

    A chunk of a flat file also has `flat`, a frame with `record` (Int64) and a text column for each name, without the
    records that have a fault; and `header`, the names as a line of CSV. `aside` is like `flat`, of records that have a
    fault and columns nevertheless, so that their keys can be read.
    """

    records: Sequence[int]
    raws: Sequence[bytes]
    lines: Sequence[int | None]
    indexes: Sequence[int | None]
    flat: pl.DataFrame | None = None
    header: str | None = None
    faults: list[Fault] = field(default_factory=list)
    aside: pl.DataFrame | None = None

    def only(self, places: Sequence[int]) -> Chunk:
        """The chunk with only the records at some places, without columns."""
        if len(places) == len(self.raws):
            return self
        return Chunk(
            [self.records[place] for place in places],
            [self.raws[place] for place in places],
            [self.lines[place] for place in places],
            [self.indexes[place] for place in places],
            faults=self.faults,
        )

    @property
    def size(self) -> int:
        """The bytes of the records."""
        return sum(map(len, self.raws))


def joined(chunks: Sequence[Chunk]) -> Chunk:
    """The records of several chunks as one chunk, without columns."""
    return Chunk(
        [record for chunk in chunks for record in chunk.records],
        [raw for chunk in chunks for raw in chunk.raws],
        [line for chunk in chunks for line in chunk.lines],
        [index for chunk in chunks for index in chunk.indexes],
        faults=[fault for chunk in chunks for fault in chunk.faults],
    )


Warn = Callable[[str], None]
Chunks = Iterator[Chunk]


class ChunkBuilder:
    """Collects raw records into chunks, and numbers them through the file."""

    def __init__(self, size: int = RECORDS_PER_CHUNK) -> None:
        self._size = size
        self._next = 0
        self._places: list[tuple[bytes, int | None, int | None]] = []

    def add(self, raw: bytes, line: int | None, index: int | None = None) -> Chunk | None:
        """Add a record, and return the chunk if this record fills it."""
        self._places.append((raw, line, index))
        return self.take() if len(self._places) >= self._size else None

    def take(self) -> Chunk | None:
        """Return the records collected since the last chunk, or None if there are none."""
        if not self._places:
            return None
        raws, lines, indexes = zip(*self._places, strict=True)
        self._places = []
        return self._numbered(raws, lines, indexes)

    def lines(self, lines: Sequence[bytes], first: int) -> Chunk:
        """Return a chunk of lines that are one record each, starting at line number `first`."""
        return self._numbered(lines, range(first, first + len(lines)), [None] * len(lines))

    def _numbered(self, raws: Sequence[bytes], lines: Sequence[int | None], indexes: Sequence[int | None]) -> Chunk:
        records = range(self._next, self._next + len(raws))
        self._next = records.stop
        return Chunk(records, raws, lines, indexes)
