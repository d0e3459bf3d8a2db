"""A source file goes in; its raw records come out in chunks, whatever the format."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from pipeline.faults import Refused
from pipeline.sources.chunks import Chunk, Chunks, Warn
from pipeline.sources.csv_records import read_csv
from pipeline.sources.files import (
    SourceFile,
    open_bytes,
    sha256_of,
    shown,
    size_of,
    source_files,
    unreadable,
)
from pipeline.sources.json_records import read_json, read_ndjson
from pipeline.sources.parquet_records import read_parquet


def read_chunks(source: SourceFile, warn: Warn, encoding: str = "utf-8") -> Chunks:
    """The raw records of a file. Raises `Refused` where the file cannot be trusted, at whatever point that shows."""
    reader = _READERS.get(source.format or "")
    if reader is None:
        raise Refused(
            "file.format_unknown", "the name does not tell the format", "Use --format json|ndjson|csv|parquet"
        )
    try:
        with open_bytes(source) as stream:
            yield from reader(stream, warn, encoding)
    except OSError as error:
        raise unreadable(error) from error


_READERS: dict[str, Callable[[IO[bytes], Warn, str], Chunks]] = {
    "json": lambda stream, warn, _: read_json(stream, warn),
    "ndjson": lambda stream, warn, _: read_ndjson(stream, warn),
    "csv": read_csv,
    "parquet": lambda stream, warn, _: read_parquet(stream, warn),
}

__all__ = [
    "Chunk",
    "Chunks",
    "SourceFile",
    "Warn",
    "read_chunks",
    "sha256_of",
    "shown",
    "size_of",
    "source_files",
]
