"""Read Parquet into chunks of rows: text columns if the file is flat, JSON records if it is nested."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Any, cast

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.faults import Refused
from pipeline.printable import printable
from pipeline.sources.chunks import RECORDS_PER_CHUNK, Chunk, Chunks, Warn
from pipeline.sources.csv_records import csv_line
from pipeline.sources.files import require_bounded
from pipeline.sources.headers import named_columns

# A file with more rows than this must have at least one byte for each row.
_FREE_ROWS = 1_000_000
# The most bytes of text in one column of a chunk. A dictionary can repeat one long text in every row of a short file.
_MAX_TEXTS = 256 * 2**20
# Polars ends the process's work on days and times beyond some 260,000 years. Real ones are far below.
_YEARS = 200_000
_PER_YEAR = {"D": 366, "s": 31_622_400, "ms": 31_622_400 * 10**3, "us": 31_622_400 * 10**6, "ns": 31_622_400 * 10**9}
_TEXTS = (pa.string(), pa.large_string(), pa.binary(), pa.large_binary())


def read_parquet(stream: IO[bytes], warn: Warn) -> Chunks:
    """Read the rows of a Parquet file in chunks. Raises `Refused` if it is damaged or not Parquet."""
    first = 0
    try:
        for frame in _frames(stream if stream.seekable() else pa.BufferReader(stream.read()), warn):
            yield _chunk(frame, first)
            first += frame.height
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError, ValueError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno:
            raise  # the machine failed, not the file: Arrow raises OSError for both, but only the machine sets errno
        reason = (str(error).splitlines() or ["damaged"])[0]
        raise Refused("file.parquet", f"not a Parquet file that can be read: {reason}", "Fetch it again") from None
    if not first:
        warn("file.no_records")


def _frames(source: IO[bytes] | pa.BufferReader, warn: Warn) -> Iterator[pl.DataFrame]:
    """Read the rows in batches whose size is checked before their texts are expanded in memory.

    Texts are read as dictionaries for this: the numbers of the rows' texts and each text once.
    """
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    schema = pq.read_schema(source)
    source.seek(0)
    names = named_columns("file.parquet", schema.names, warn).names
    texts = [field.name for field in schema if getattr(field.type, "storage_type", field.type) in _TEXTS]
    guids = {at for at, field in enumerate(schema) if field.type == pa.uuid()}
    # With extensions GUIDs and JSON could not be turned into text. The stubs lack the option.
    file = pq.ParquetFile(source, read_dictionary=texts, arrow_extensions_enabled=False)  # type: ignore[call-arg]
    groups = [file.metadata.row_group(index) for index in range(file.num_row_groups)]
    require_bounded(sum(group.total_byte_size for group in groups), size)
    if file.metadata.num_rows > max(_FREE_ROWS, size):
        raise Refused("file.expansion_limit", f"{file.metadata.num_rows:,} rows in {size:,} bytes", "Is it an export?")
    for batch in file.iter_batches(RECORDS_PER_CHUNK):
        # Arrow reads text without looking at it, and polars panics on bytes that are not UTF-8.
        batch.validate(full=True)
        for name, column in zip(names, batch.columns, strict=True):
            _require_in_reach(name, column)
        frame = pl.DataFrame(dict(zip(names, map(_plain, batch.columns), strict=True)))
        yield frame.with_columns(_guid(names[at]) for at in guids if frame.schema[names[at]] == pl.Binary)


def _require_in_reach(name: str, column: pa.Array[Any]) -> None:
    """Raise `Refused` if polars would end in a panic on a value: a day millions of years away, a number of 256 bits."""
    kind = column.type
    for part in _parts(column):
        _require_in_reach(name, part)
    per_year = _PER_YEAR.get("D" if pa.types.is_date32(kind) else getattr(kind, "unit", ""), 0)
    if pa.types.is_date64(kind):
        per_year = _PER_YEAR["ms"]
    if pa.types.is_decimal256(kind) or (per_year and not _within(column, _YEARS * per_year)):
        raise Refused(
            "file.parquet",
            f"the column {printable(name, limit=100)} has values out of reach ({kind})",
            "Write it as text, or correct the values",
        )


def _parts(column: pa.Array[Any]) -> list[pa.Array[Any]]:
    """The columns inside a nested one; of a dictionary its values."""
    if isinstance(column, pa.StructArray):
        return [column.field(at) for at in range(column.type.num_fields)]
    if isinstance(column, pa.MapArray):
        return [column.keys, column.items]
    if isinstance(column, pa.DictionaryArray):
        return [column.dictionary]
    return [column.values] if isinstance(column, pa.ListArray | pa.LargeListArray | pa.FixedSizeListArray) else []


def _within(column: pa.Array[Any], most: int) -> bool:
    whole = pa.int32() if column.type.bit_width == 32 else pa.int64()
    ends = [end.as_py() for end in (pc.min(column.view(whole)), pc.max(column.view(whole)))]
    return all(end is None or -most <= end <= most for end in ends)


def _guid(name: str) -> pl.Expr:
    """The text of a GUID, which Parquet stores as 16 bytes."""
    return pl.col(name).bin.encode("hex").str.replace("^(.{8})(.{4})(.{4})(.{4})(.{12})$", "${1}-${2}-${3}-${4}-${5}")


def _plain(column: pa.Array[Any]) -> pa.Array[Any]:
    """Expand a dictionary into its texts. Raises `Refused` if few texts would become very many bytes."""
    if not isinstance(column, pa.DictionaryArray):
        return column
    if column.dictionary.type in _TEXTS:
        lengths = pc.binary_length(cast("pa.StringArray", column.dictionary)).take(column.indices)
        if (pc.sum(lengths.cast(pa.int64())).as_py() or 0) > _MAX_TEXTS:
            raise Refused(
                "file.expansion_limit",
                f"the texts of a column take more than {_MAX_TEXTS // 2**20} MiB in {len(column):,} rows",
                "Is it an export?",
            )
    return column.dictionary_decode()


def _chunk(frame: pl.DataFrame, first: int) -> Chunk:
    records = range(first, first + frame.height)
    nested = any(dtype.is_nested() for dtype in frame.dtypes)
    rows = frame if nested else _as_text(frame)
    raws = [msgspec.json.encode(row) for row in rows.iter_rows(named=True)]
    chunk = Chunk(records, raws, [None] * frame.height, list(records))
    if not nested:
        chunk.flat = rows.with_columns(pl.Series("record", records, pl.Int64))
        chunk.header = csv_line(frame.columns)
    return chunk


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Convert every column to text: instants with Z if they have a zone, whole floats as 2.0, bytes in hex."""
    return frame.select(_column_as_text(name, dtype) for name, dtype in frame.schema.items())


def _column_as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        zone = "Z" if dtype.time_zone else ""
        utc = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f") + zone
    if isinstance(dtype, pl.Duration):
        return column.to_physical().cast(pl.String)
    return column.bin.encode("hex") if dtype == pl.Binary else column.cast(pl.String)
