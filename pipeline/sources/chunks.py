"""What every reader of a source gives: chunks of raw records with their place in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from pipeline.decode.lines import Lines
from pipeline.faults import Fault, Refused

RECORDS_PER_CHUNK = 20_000
MAX_COLUMNS = 2_000
# A flat frame has its own columns of these names, and so has a mapping.
_OURS = ("record", "_row")


@dataclass(slots=True)
class Chunk:
    """Raw records: the number of each in the file (ascending), its bytes, and its line or index.

    Flat files also give `flat`: `record` (Int64) and a text column per name, without the records that have a fault;
    and `header`, the names as a line of CSV.
    """

    records: Sequence[int]
    raws: Sequence[bytes]
    lines: Sequence[int | None]
    indexes: Sequence[int | None]
    flat: pl.DataFrame | None = None
    header: str | None = None
    faults: list[Fault] = field(default_factory=list)


def column_names(code: str, names: Sequence[str]) -> list[str]:
    """The names of a flat file's columns; one that noshow uses itself gets a _ behind it.

    Raises `Refused` with the code where a name is missing or there twice, or there are too many.
    """
    if len(names) > MAX_COLUMNS:
        raise Refused(code, f"more than {MAX_COLUMNS} columns", "Is it one record a line?")
    if not names or not all(names):
        raise Refused(code, "a column of the header has no name", "The first line names the columns")
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice:
        raise Refused(code, f"two columns are called {twice!r}", "Rename one of them")
    return [f"{name}_" if name.lower() in _OURS else name for name in names]


Warn = Callable[[str], None]
Chunks = Iterator[Chunk]


class ChunkBuilder:
    """Gathers raw records until a chunk is full, and numbers them through the file."""

    def __init__(self, size: int = RECORDS_PER_CHUNK) -> None:
        self._size = size
        self._next = 0
        self._places: list[tuple[bytes, int | None, int | None]] = []

    def add(self, raw: bytes, line: int | None, index: int | None = None) -> Chunk | None:
        """Take a record; the chunk, where this one fills it."""
        self._places.append((raw, line, index))
        return self.take() if len(self._places) >= self._size else None

    def take(self) -> Chunk | None:
        """What has been gathered since the last chunk, or None."""
        if not self._places:
            return None
        raws, lines, indexes = zip(*self._places, strict=True)
        self._places = []
        return self._numbered(raws, lines, indexes)

    def lines(self, lines: Lines, first: int) -> Chunk:
        """A chunk of its own for lines that are records, the first of them being line `first`."""
        return self._numbered(lines, range(first, first + len(lines)), [None] * len(lines))

    def _numbered(self, raws: Sequence[bytes], lines: Sequence[int | None], indexes: Sequence[int | None]) -> Chunk:
        records = range(self._next, self._next + len(raws))
        self._next = records.stop
        return Chunk(records, raws, lines, indexes)
