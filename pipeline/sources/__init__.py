"""Read source files of any format into chunks of raw records."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO

from pipeline.settings.reading import read_settings
from pipeline.sources.chunks import Chunk, Chunks, Warn
from pipeline.sources.csv_records import read_csv
from pipeline.sources.files import (
    SourceFile,
    open_bytes,
    sha256_of,
    size_of,
    source_files,
    unreadable,
)
from pipeline.sources.foreign import foreign_hint
from pipeline.sources.json_records import read_json, read_ndjson
from pipeline.sources.layout import WHOLE_FILE, Layout
from pipeline.sources.xlsx_records import read_xlsx


def read_chunks(source: SourceFile, warn: Warn, encoding: str = "utf-8", layout: Layout = WHOLE_FILE) -> Chunks:
    """Read the raw records of a file in chunks. Raises `Refused` as soon as the file proves untrustworthy.

    `layout` says where the records lie in a file that holds more than them; its encoding counts if `encoding` is the
    default.

    That may be after the first chunks, so a caller must be able to undo their load.
    """
    try:
        with open_bytes(source) as stream:
            used = layout.encoding if layout.encoding and encoding == "utf-8" else encoding
            yield from _READERS[source.format or ""](stream, warn, used, layout)
    except OSError as error:
        raise unreadable(error) from error


def _read_parquet(stream: IO[bytes], warn: Warn, _: str, __: Layout) -> Chunks:
    # Imported late, with pyarrow.
    from pipeline.sources.parquet_records import read_parquet

    return read_parquet(stream, warn)


_READERS: dict[str, Callable[[IO[bytes], Warn, str, Layout], Chunks]] = {
    "json": lambda stream, warn, _, layout: read_json(stream, warn, layout.records),
    "ndjson": lambda stream, warn, _, __: read_ndjson(stream, warn),
    "csv": read_csv,
    "xlsx": lambda stream, warn, _, layout: read_xlsx(stream, warn, layout, read_settings().workbook_bytes),
    "parquet": _read_parquet,
}

__all__ = [
    "WHOLE_FILE",
    "Chunk",
    "Chunks",
    "Layout",
    "SourceFile",
    "Warn",
    "foreign_hint",
    "read_chunks",
    "sha256_of",
    "size_of",
    "source_files",
]
