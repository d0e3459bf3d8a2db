"""The lines of a text, read one by one, with the text of the current record and the number of its first line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from pipeline.sources.encodings import RECORD_LIMIT, too_large

_AHEAD = 2**20


class TextLines:
    """Lines of a text that keep those of the current record.

    `csv.reader` takes as many lines as a record has (a quoted field may hold line breaks) and returns only the fields;
    the text as it was and the line it starts on would be lost.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._waiting: deque[str] = deque()
        self._ends: set[str] = set()
        self._taken: list[str] = []
        self._count = 0
        self._first = 1
        self._size = 0

    def __iter__(self) -> TextLines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._texts)
        self._count += 1
        self._size += len(line)
        if self._size > RECORD_LIMIT:
            raise too_large(self._first)
        self._taken.append(line)
        self._ends.add(line[len(line.rstrip("\r\n")) :])
        return line

    def start_record(self) -> None:
        """Let the next record start at the next line."""
        self._taken = []
        self._size = 0
        self._first = self._count + 1

    def record(self) -> tuple[str, int]:
        """Return the text of the record just read and the number of its first line; the next record starts here."""
        text, first = "".join(self._taken).rstrip("\r\n"), self._first
        self.start_record()
        return text, first

    def put_back(self, line: str) -> None:
        """Make the line just read the next one again."""
        self._waiting.appendleft(line)
        self._count -= 1
        self.start_record()

    def ahead(self, count: int) -> list[str]:
        """The next lines, at most `count` and about a megabyte, without reading them."""
        while len(self._waiting) < count and sum(map(len, self._waiting)) < _AHEAD:
            if (line := next(self._texts, None)) is None:
                break
            self._waiting.append(line)
        return list(self._waiting)[:count]

    def take(self, count: int) -> list[str]:
        """Take the next lines, at most `count` and about 16 megabytes, to be kept as rows or given back."""
        taken: list[str] = []
        size = 0
        while len(taken) < count and size < RECORD_LIMIT:
            line = self._waiting.popleft() if self._waiting else next(self._texts, None)
            if line is None:
                break
            taken.append(line)
            size += len(line)
        return taken

    def give_back(self, taken: list[str]) -> None:
        """Make lines that were taken the next ones again."""
        self._waiting.extendleft(reversed(taken))

    def keep(self, taken: list[str], end: str) -> int:
        """Count lines that were taken as records of one line with this end; return the number of the first line."""
        first = self._count + 1
        self._count += len(taken)
        self._ends.add(end)
        self.start_record()
        return first

    @property
    def mixed(self) -> bool:
        """Whether lines end in different ways."""
        return len(self._ends - {""}) > 1
