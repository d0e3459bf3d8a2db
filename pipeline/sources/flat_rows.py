"""Collect the rows of a flat file into chunks: text columns with the lines the rows start on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import polars as pl

from pipeline.faults import Fault
from pipeline.sources.chunks import Chunk, ChunkBuilder, Warn
from pipeline.sources.headers import Columns
from pipeline.sources.plain_rows import BLANKS, PlainRows
from queries.model.rules import MAX_TEXT, bounded


def is_blank(row: Sequence[str]) -> bool:
    """Whether no field of a row has a value. Nearly every row has one in the first field, so that is tried alone."""
    return not row[0].strip(BLANKS) and not any(field.strip(BLANKS) for field in row)


class FlatRows:
    """Rows of a flat file with these columns, whose header is kept with each chunk as the text `header`.

    With `ends_at_blank` the rows end where another part of the file begins: at a blank line that a row of another
    number of fields follows, or a title alone in the first field. They also end at a row whose first value begins with
    the word `end`, such as `Total` or `Total: 12`.
    """

    def __init__(
        self, columns: Columns, header: str, warn: Warn, ends_at_blank: bool = False, end: str | None = None
    ) -> None:
        self._columns = columns
        self._header = header
        self._warn = warn
        self._ends_at_blank = ends_at_blank
        self._end = re.compile(rf"{re.escape(end.strip())}\b", re.IGNORECASE) if end else None
        self._unnamed = list(columns.unnamed)
        self._width = len(columns.names)
        # The header may end in separators that the rows do not have.
        named = [at for at in range(self._width) if at not in columns.unnamed]
        self._named_width = named[-1] + 1
        self._builder = ChunkBuilder()
        self._rows: list[list[str]] = []
        self._faults: list[Fault] = []
        self._after_blank = False
        self._count = 0

    @property
    def may_be_plain(self) -> bool:
        """Whether the next rows need not be looked at one by one, for the end of the rows or a value without a name."""
        return self._end is None and not self._after_blank and not self._unnamed

    def skip_blank(self) -> None:
        """Note a line without any value."""
        self._after_blank = True

    def is_other_part(self, row: Sequence[str], line: int, above: int = 0) -> bool:
        """Whether this row begins another part of the file; it lacks so many fields that stand `above` the header."""
        if self._end and self._end.match(next((text for field in row if (text := field.strip(BLANKS))), "")):
            self._warn(f"file.rest_not_read: line {line} on")
            return True
        if not self._after_blank:
            return False
        self._after_blank = False
        is_row = self._named_width <= len(row) + above <= self._width
        ended = self._ends_at_blank and (not is_row or (self._width > 1 and is_blank(row[1:])))
        if ended:
            self._warn(f"file.rest_not_read: line {line} on")
        return ended

    def add(self, row: Sequence[str], raw: str, line: int) -> Chunk | None:
        """Add a row, and return the chunk if this row fills it. A row with more or fewer fields is a fault."""
        number, self._count = self._count, self._count + 1
        if len(row) == self._named_width < self._width:
            row = [*row, *[""] * (self._width - len(row))]
        if len(row) == self._width:
            self._rows.append([str(number), *(row if len(raw) <= MAX_TEXT else map(bounded, row))])
            if self._unnamed:
                self._warn_of_unnamed(row)
        else:
            self._faults.append(Fault(number, "csv_field_count"))
        return self._with_frame(self._builder.add(raw.encode(), line))

    def add_plain(self, plain: PlainRows, line: int) -> list[Chunk]:
        """Add rows of one line each, the first of which is `line`; return their chunk, behind that of rows before."""
        before = self._with_frame(self._builder.take())
        self._count += len(plain.raws)
        chunk = self._builder.lines(plain.raws, line)
        records = pl.Series("record", chunk.records, dtype=pl.Int64)
        named = (field.alias(name) for field, name in zip(plain.fields, self._columns.names, strict=True))
        chunk = self._flat(chunk, pl.DataFrame([records, *named]))
        return [before, chunk] if before else [chunk]

    def finish(self) -> Iterator[Chunk]:
        """Yield the last rows; an empty chunk if there was none at all, so that the columns are known."""
        if chunk := self._with_frame(self._builder.take()):
            yield chunk
        if not self._count:
            self._warn("file.no_records")
            yield self._flat(Chunk(range(0), [], [], []), self._frame())

    def _warn_of_unnamed(self, row: Sequence[str]) -> None:
        for at in [at for at in self._unnamed if row[at].strip()]:
            self._warn(f"file.unnamed_column: {self._columns.names[at]}")
            self._unnamed.remove(at)

    def _with_frame(self, chunk: Chunk | None) -> Chunk | None:
        return self._flat(chunk, self._frame()) if chunk else None

    def _frame(self) -> pl.DataFrame:
        names = ["record", *self._columns.names]
        frame = pl.DataFrame(self._rows, schema=names, orient="row", schema_overrides=dict.fromkeys(names, pl.String))
        self._rows = []
        return frame.with_columns(pl.col("record").cast(pl.Int64))

    def _flat(self, chunk: Chunk, frame: pl.DataFrame) -> Chunk:
        chunk.flat = frame.with_columns(
            pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in self._columns.names
        )
        chunk.faults = self._faults
        chunk.header = self._header
        self._faults = []
        return chunk
