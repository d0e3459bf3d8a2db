"""Read the head of a file, to recognise its format: names of columns at its beginning, or the keys of JSON records."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

from pipeline.faults import Refused
from pipeline.sources.archives import BROKEN, require_small_directory
from pipeline.sources.csv_records import SEPARATORS
from pipeline.sources.encodings import wide_encoding
from pipeline.sources.files import SourceFile, open_bytes
from pipeline.sources.flattening import scalars
from pipeline.sources.headers import LINES_BEFORE_HEADER, clean_name
from pipeline.sources.workbook_bounds import MAX_DEPTH

# So many bytes are read. A header of 2,000 columns fits into it.
HEAD = 2**18
_FEWEST_COLUMNS = 2
_OBJECTS_TRIED = 40


def heads(source: SourceFile) -> Iterator[list[str]]:
    """Yield each possible header of a flat file: each of its first lines, split by each separator."""
    try:
        with open_bytes(source) as stream:
            if source.format == "xlsx":
                yield from _rows_of_workbook(stream)
            elif source.format == "csv":
                yield from _rows_of_text(stream.read(HEAD))
    except (*BROKEN, OSError, Refused, expat.ExpatError, KeyError, RuntimeError):
        # Whatever is wrong with it, reading the whole file will say so.
        return


def first_records(source: SourceFile) -> Iterator[dict[str, str]]:
    """Yield the JSON objects that begin in the head of a file, outer ones first, as scalar fields by dotted path."""
    try:
        with open_bytes(source) as stream:
            text = stream.read(HEAD).decode("utf-8", "replace").lstrip("\ufeff")
    except (OSError, Refused):
        return
    decoder = json.JSONDecoder()
    at = text.find("{")
    for _ in range(_OBJECTS_TRIED):
        if at < 0:
            return
        try:
            value, _end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            yield dict(scalars(value, ()))
        at = text.find("{", at + 1)


def _rows_of_text(start: bytes) -> Iterator[list[str]]:
    text = start.decode(wide_encoding(start) or "utf-8", "replace").lstrip("\ufeff")
    # The last line may be cut.
    lines = [line for line in text.splitlines(keepends=True) if line.strip()]
    for at in range(min(LINES_BEFORE_HEADER, len(lines))):
        for separator in SEPARATORS:
            if separator in lines[at]:
                record = "".join(lines[at : at + LINES_BEFORE_HEADER])
                try:
                    row = next(csv.reader(io.StringIO(record, newline=""), delimiter=separator), [])
                except csv.Error:
                    continue
                if len(row) >= _FEWEST_COLUMNS:
                    yield [clean_name(name) for name in row]


def _rows_of_workbook(stream: IO[bytes]) -> Iterator[list[str]]:
    """The first rows of a workbook's worksheets, without reading the rest of them."""
    source: Any = stream if stream.seekable() else io.BytesIO(stream.read())
    require_small_directory(source)
    with zipfile.ZipFile(source) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        for name in sorted(sheets)[:LINES_BEFORE_HEADER]:
            with archive.open(name) as part:
                rows = _Cells(LINES_BEFORE_HEADER).read(part)
            wanted = max(
                (int(text) for row in rows for kind, text in row if kind == "s" and text.isdigit()), default=-1
            )
            shared: list[str] = []
            if wanted >= 0:
                with archive.open("xl/sharedStrings.xml") as part:
                    shared = _Strings(wanted + 1).read(part)
            for row in rows:
                yield [clean_name(_cell(kind, text, shared)) for kind, text in row]


def _cell(kind: str, text: str, shared: list[str]) -> str:
    if kind != "s":
        return text
    return shared[int(text)] if text.isdigit() and int(text) < len(shared) else ""


class _Enough(Exception):
    """Ends the reading of a part of a workbook."""


class _Part:
    """A part of a workbook of which only the beginning is read."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._finish
        self._depth = 0
        self._parser.CharacterDataHandler = self._text
        self._texts: list[str] | None = None

    def _run(self, part: IO[bytes]) -> None:
        try:
            # Real heads are far smaller; a part that goes on for longer without a row is not looked at.
            for block in islice(iter(lambda: part.read(HEAD), b""), 64):
                self._parser.Parse(block)
        except _Enough:
            return

    def _text(self, data: str) -> None:
        if self._texts is not None:
            self._texts.append(data)

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Enough
        self._start(name, attributes)

    def _finish(self, name: str) -> None:
        self._depth -= 1
        self._end(name)

    def _start(self, name: str, attributes: dict[str, str]) -> None: ...

    def _end(self, name: str) -> None: ...


class _Cells(_Part):
    """The cells of the first rows of a worksheet: how each is written, and its text."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self._most = rows
        self._rows: list[list[tuple[str, str]]] = []
        self._kind = ""

    def read(self, part: IO[bytes]) -> list[list[tuple[str, str]]]:
        self._run(part)
        return [row for row in self._rows if len(row) >= _FEWEST_COLUMNS]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "row":
            if len(self._rows) >= self._most:
                raise _Enough
            self._rows.append([])
        elif name == "c":
            self._kind = attributes.get("t", "n")
        elif name in ("v", "t"):
            self._texts = []

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] in ("v", "t") and self._texts is not None:
            if self._rows:
                self._rows[-1].append((self._kind, "".join(self._texts)))
            self._texts = None


class _Strings(_Part):
    """The first texts that the cells of a workbook share."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most
        self._strings: list[str] = []

    def read(self, part: IO[bytes]) -> list[str]:
        self._run(part)
        return self._strings

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(" ")[2]
        if name == "si":
            if len(self._strings) >= self._most:
                raise _Enough
            self._strings.append("")
        elif name == "t":
            self._texts = []

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "t" and self._texts is not None:
            if self._strings:
                self._strings[-1] += "".join(self._texts)
            self._texts = None
