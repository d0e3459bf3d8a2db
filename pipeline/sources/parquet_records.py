"""A Parquet file goes in; chunks of rows come out: as text columns where it is flat, as JSON records where it nests."""

from __future__ import annotations

from typing import IO

import msgspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.faults import Refused
from pipeline.sources.chunks import RECORDS_PER_CHUNK, Chunk, Chunks, Warn
from pipeline.sources.csv_records import csv_line


def read_parquet(stream: IO[bytes], warn: Warn) -> Chunks:
    """Rows of a Parquet file in chunks. Raises `Refused` for a file that is no Parquet."""
    try:
        file = pq.ParquetFile(stream if stream.seekable() else pa.BufferReader(stream.read()))
        first = 0
        for batch in file.iter_batches(RECORDS_PER_CHUNK):
            chunk = _chunk(pl.DataFrame(batch), first)
            first += batch.num_rows
            yield chunk
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise Refused(
            "file.parquet",
            f"not a Parquet file that can be read: {str(error).splitlines()[0]}",
            "Fetch it again",
        ) from None
    if not first:
        warn("file.no_records")


def _chunk(frame: pl.DataFrame, first: int) -> Chunk:
    records = range(first, first + frame.height)
    nested = any(dtype.is_nested() for dtype in frame.dtypes)
    told = frame if nested else _as_text(frame)
    raws = [msgspec.json.encode(row) for row in told.iter_rows(named=True)]
    chunk = Chunk(records, raws, [None] * frame.height, list(records))
    if not nested:
        chunk.flat = told.with_columns(pl.Series("record", records, pl.Int64))
        chunk.header = csv_line(frame.columns)
    return chunk


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Every column as text: instants with their zone, whole floats as they are (2.0), bytes in hex."""
    return frame.select(_column_as_text(name, dtype) for name, dtype in frame.schema.items())


def _column_as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        zone = "Z" if dtype.time_zone else ""
        utc = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f") + zone
    return column.bin.encode("hex") if dtype == pl.Binary else column.cast(pl.String)
