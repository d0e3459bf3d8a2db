"""Read CSV into chunks of rows, as text columns with the lines they start on.

The separator is comma, semicolon or tab, whichever occurs most often in the header. A row with more or fewer fields
than the header is a fault; noshow does not guess which field is missing.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import IO

import polars as pl

from pipeline.faults import Fault, Refused
from pipeline.sources.chunks import Chunk, ChunkBuilder, Chunks, Warn, column_names
from queries.model.rules import MAX_TEXT, bounded

_SEPARATORS = ",;\t"
_RECORD_LIMIT = 16 * 2**20
# A name that no column has: a number, a GUID, a date, an e-mail address or JSON. The first line then holds data.
_DATA = re.compile(r"[\d.+-]+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|\d{4}-\d\d-\d\d.*|.*@.*\..*|[\[{].*")


def read_csv(stream: IO[bytes], warn: Warn, encoding: str = "utf-8") -> Chunks:
    """Read the rows of a CSV file in chunks; empty fields are null. Raises `Refused` if the file is not such CSV."""
    csv.field_size_limit(_RECORD_LIMIT)
    lines = _Lines(_decoded(stream, encoding, warn))
    header_line, separator, header = _header(lines)
    builder, rows, faults = ChunkBuilder(), list[list[str]](), list[Fault]()
    number = 0
    for row in _rows(lines, separator):
        raw, line = lines.record()
        if not row:
            continue
        if len(row) == len(header):
            rows.append([str(number), *(row if len(raw) <= MAX_TEXT else map(bounded, row))])
        else:
            faults.append(Fault(number, "csv_field_count"))
        number += 1
        if chunk := builder.add(raw.encode(), line):
            yield _flat(chunk, header_line, header, rows, faults)
            rows, faults = [], []
    if chunk := builder.take():
        yield _flat(chunk, header_line, header, rows, faults)
    if not number:
        warn("file.no_records")
        yield _flat(Chunk(range(0), [], [], []), header_line, header, [], [])
    if lines.mixed:
        warn("file.mixed_eol")


def csv_line(fields: Iterable[str | None]) -> str:
    """Write fields as one CSV record with commas, without an end of line."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(fields)
    return text.getvalue()


class _Lines:
    """Lines of a text that keep those of the current record.

    `csv.reader` takes as many lines as a record has (a quoted field may hold line breaks) and returns only the fields;
    the text as it was and the line it starts on would be lost.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self._ends: set[str] = set()
        self._taken: list[str] = []
        self._count = 0
        self._first = 1
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._texts)
        self._count += 1
        self._size += len(line)
        if self._size > _RECORD_LIMIT:
            raise _too_large(self._first)
        self._taken.append(line)
        self._ends.add(line[len(line.rstrip("\r\n")) :])
        return line

    def start_record(self) -> None:
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
        self._texts = itertools.chain([line], self._texts)
        self._count -= 1
        self.start_record()

    @property
    def mixed(self) -> bool:
        return len(self._ends - {""}) > 1


def _rows(lines: _Lines, separator: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(lines, delimiter=separator, strict=True)
    except csv.Error as error:
        _, line = lines.record()
        raise Refused(
            "file.csv_syntax", f"not valid CSV in the record at line {line}: {error}", "Fetch the file again"
        ) from None


def _decoded(stream: IO[bytes], encoding: str, warn: Warn) -> Iterator[str]:
    """Decode the lines with their ends unchanged. Raises `Refused` with the offset of a byte that cannot be decoded."""
    try:
        if not codecs.lookup(encoding)._is_text_encoding:
            raise LookupError(encoding)
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, ValueError):
        raise Refused(
            "file.encoding", f"no encoding is called {encoding!r}", "For example --encoding latin-1"
        ) from None
    offset, kept = 0, ""
    while True:
        block = stream.read(2**20)
        if not offset and block.startswith(codecs.BOM_UTF8) and encoding == "utf-8":
            warn("file.bom")
            offset, block = 3, block[3:]
        text = kept + _decode_block(decoder, block, offset, encoding)
        offset += len(block)
        if not block:
            yield from io.StringIO(text, newline="")
            return
        # Cut behind the last whole line. A \r at the end of the block is kept for the next one, since it may be half of
        # \r\n: cut in between, one line would be counted as two, and its ends would seem to be mixed.
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        yield from io.StringIO(text[:cut], newline="")
        kept = text[cut:]
        if len(kept) > _RECORD_LIMIT:
            raise _too_large()


def _decode_block(decoder: codecs.IncrementalDecoder, block: bytes, offset: int, encoding: str) -> str:
    # The bytes of a half character that the decoder kept from the last block come before this one.
    pending = len(decoder.getstate()[0])
    try:
        return decoder.decode(block, final=not block)
    except UnicodeError as error:
        at = f" at byte {offset - pending + error.start}" if isinstance(error, UnicodeDecodeError) else ""
        likely = "utf-16" if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin-1"
        raise Refused(
            "file.encoding", f"not {encoding}{at}", f"Give the encoding, for example --encoding {likely}"
        ) from None


def _too_large(line: int | None = None) -> Refused:
    where = f" at line {line}" if line else ""
    return Refused("file.record_too_large", f"a record{where} of more than {_RECORD_LIMIT // 2**20} MiB", "Is it CSV?")


def _header(lines: _Lines) -> tuple[str, str, list[str]]:
    """Read the header: its text, its separator and the names of the columns."""
    first = next(lines, None)
    while first is not None and not first.strip():
        first = next(lines, None)
    if first is None:
        raise Refused("file.empty", "the file has no content", "An empty export would still have its header")
    separator = max(_SEPARATORS, key=first.count)
    lines.put_back(first)
    names = [name.strip() for name in next(_rows(lines, separator))]
    text, _ = lines.record()
    if any(_DATA.fullmatch(name) for name in names):
        raise Refused("file.csv_header", "the first line holds data", "It has to name the columns")
    return text, separator, column_names("file.csv_header", names)


def _flat(chunk: Chunk, header_line: str, header: list[str], rows: list[list[str]], faults: list[Fault]) -> Chunk:
    frame = pl.DataFrame(
        rows,
        schema=["record", *header],
        orient="row",
        schema_overrides=dict.fromkeys(["record", *header], pl.String),
    )
    chunk.flat = frame.with_columns(
        pl.col("record").cast(pl.Int64),
        *(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in header),
    )
    chunk.faults = faults
    chunk.header = header_line.rstrip("\r\n")
    return chunk
