"""Stage the plain attendances among lines of JSON by one statement for many lines, and validate them with pandera."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import polars as pl
from polars.exceptions import ComputeError

from pipeline.decode.lines import Lines, is_utf8
from pipeline.load.offer import Offer
from pipeline.load.proof import FIELDS, plain_lines_sql
from pipeline.sources import Chunk
from pipeline.typing.instants import bounds
from queries.model.attendance import ATTENDANCE

# Fields that do not occur in so many records, or in so many bytes, at the beginning of a chunk are not looked for,
# since each costs time. A record that has one nevertheless is not proved.
_RECORDS, _BYTES = 100, 2**16
_PART = 2**14
_STAGED = f"select record, {', '.join(ATTENDANCE.names)} from staged_attendance where staged_row >= $first_row"
_TAKE_BACK = "delete from staged_attendance where staged_row >= $first_row and list_contains($records, record)"


def may_be_plain(chunk: Chunk) -> bool:
    """Whether the first record of a chunk looks like an attendance in JSON."""
    if chunk.flat is not None or not chunk.raws:
        return False
    first = chunk.raws.first if isinstance(chunk.raws, Lines) else chunk.raws[0]
    return all(b'"%s"' % name in first for name in (b"bookingId", b"status"))


class PlainLines:
    """The way of plain attendances to their staging table. `now` (naive UTC) bounds their instants."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, now: dt.datetime) -> None:
        self._connection = connection
        self._lines = Offer(connection, "json_lines")
        self._earliest, self._latest = bounds(now)

    def stage(self, chunk: Chunk, first_row: int) -> list[int]:
        """Stage the records of a chunk that are proved to be plain and are valid; return the places of the others.

        The staged rows are numbered from `first_row` by their places in the chunk.
        """
        # Imported late, with pandera: a folder of files that are all loaded already needs no validation.
        from pipeline.validation.valid_rows import validated

        lines = _lines_of(chunk)
        statement = plain_lines_sql(_fields_in(chunk))
        in_doubt = not isinstance(chunk.raws, Lines)
        values = {"first_row": first_row, "earliest": self._earliest, "latest": self._latest, "in_doubt": in_doubt}
        with self._lines.holding(lines):
            self._connection.execute(statement, {name: v for name, v in values.items() if f"${name}" in statement})
        # Not `.pl()`, which imports pyarrow and numpy: a tenth of the time of a small load.
        staged = pl.DataFrame(self._connection.sql(_STAGED, params={"first_row": first_row}))
        valid, faults = validated(staged, ATTENDANCE)
        if faults:
            wrong = sorted({fault.record for fault in faults})
            self._connection.execute(_TAKE_BACK, {"first_row": first_row, "records": wrong})
        if valid.height == len(chunk.raws):
            return []
        return lines.join(valid, on="record", how="anti", maintain_order="left")["place"].to_list()


def _fields_in(chunk: Chunk) -> tuple[str, ...]:
    raws = chunk.raws
    # The first record is seen whole, however long it is: by its fields the chunk was taken for attendances.
    first = raws.text[: max(_BYTES, len(raws.first))] if isinstance(raws, Lines) else b"".join(raws[:_RECORDS])
    return tuple(name for name in FIELDS if b'"%s"' % name.encode() in first)


def _lines_of(chunk: Chunk) -> pl.DataFrame:
    """The lines of a chunk without their ends: place, record, line; null if it is not UTF-8."""
    lines = pl.DataFrame(
        {
            "place": pl.int_range(len(chunk.raws), eager=True),
            "record": pl.Series(chunk.records, dtype=pl.Int64),
            "line": _texts(chunk.raws),
        }
    )
    # In parts, which DuckDB reads on several threads.
    return pl.concat(lines.iter_slices(_PART), rechunk=False)


def _texts(raws: Sequence[bytes]) -> pl.Series:
    try:
        return raws.series() if isinstance(raws, Lines) else pl.Series(raws, dtype=pl.Binary).cast(pl.String)
    except ComputeError:
        return pl.Series([raw.decode() if is_utf8(raw) else None for raw in raws], dtype=pl.String)
