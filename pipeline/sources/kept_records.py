"""Turn records kept as text back into the chunk they were read as, or into a file to repair them in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import msgspec
import polars as pl

from pipeline.faults import Fault
from pipeline.sources.chunks import Chunk
from pipeline.sources.csv_records import csv_line, read_csv

Form = Literal["csv", "ndjson"]


@dataclass(frozen=True, slots=True)
class Kept:
    """Records of one file in ascending order: their numbers, texts, lines and indexes.

    `header` is the columns of a flat file as a line of CSV. The records of a CSV file have lines; those of a flat
    Parquet file have none, and their texts are JSON objects with texts as values.
    """

    header: str | None
    records: Sequence[int]
    raws: Sequence[str]
    lines: Sequence[int | None]
    indexes: Sequence[int | None]

    @property
    def form(self) -> Form:
        """The format of a file of these records."""
        return "ndjson" if self.header is None else "csv"

    @property
    def has_lines(self) -> bool:
        """Whether they come from a file with lines."""
        return any(line is not None for line in self.lines)


def chunk_of(kept: Kept) -> Chunk:
    """The records as the reader of their file returned them, with their numbers and places; at most one chunk."""
    raws = [raw.encode() for raw in kept.raws]
    chunk = Chunk(kept.records, raws, list(kept.lines), list(kept.indexes), header=kept.header)
    if kept.header is None:
        return chunk
    if not kept.has_lines:
        return _with_fields(chunk, kept, kept.header)
    # Read as a file the records are numbered 0, 1, 2: their own numbers, say 7 and 12, are put in their place.
    (read,) = read_csv(io.BytesIO(file_of(kept)), lambda _: None, is_kept=True)
    numbers = pl.Series("record", kept.records, pl.Int64)
    flat = read.flat.with_columns(numbers.gather(read.flat["record"])) if read.flat is not None else None
    return replace(chunk, flat=flat, faults=[replace(fault, record=numbers[fault.record]) for fault in read.faults])


def _with_fields(chunk: Chunk, kept: Kept, header: str) -> Chunk:
    """The chunk with the columns of its header; a record without one of them is at fault, as a short row of CSV is."""
    (columns,) = csv.reader([header])
    rows = {record: _fields(raw) for record, raw in zip(kept.records, kept.raws, strict=True)}
    whole = {record: row for record, row in rows.items() if row.keys() >= set(columns)}
    frame = pl.DataFrame(list(whole.values()), schema=dict.fromkeys(columns, pl.String))
    flat = frame.with_columns(pl.Series("record", list(whole), pl.Int64))
    return replace(chunk, flat=flat, faults=[Fault(record, "csv_field_count") for record in rows.keys() - whole.keys()])


def file_of(kept: Kept) -> bytes:
    """Write the records as CSV with their header, or as NDJSON, in UTF-8, so that they can be loaded again.

    Each record keeps its bytes, except that line breaks between the parts of a JSON record become spaces: NDJSON has
    one record a line.
    """
    if kept.header is None:
        lines = [raw.replace("\r", " ").replace("\n", " ") for raw in kept.raws]
    else:
        rows = kept.raws if kept.has_lines else [csv_line(_fields(raw).values() or [raw]) for raw in kept.raws]
        lines = [kept.header, *rows]
    return "".join(f"{line}\n" for line in lines).encode()


def _fields(raw: str) -> dict[str, str | None]:
    """Decode a row of a flat Parquet file: its texts by column. Any other record has no columns."""
    try:
        return msgspec.json.decode(raw, type=dict[str, str | None])
    except msgspec.DecodeError:
        return {}
