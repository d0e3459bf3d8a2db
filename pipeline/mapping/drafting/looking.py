"""Read a file whose layout is unknown: find its encoding and its header, and profile its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.faults import Refused
from pipeline.mapping.drafting.profile import Profiles
from pipeline.sources import SourceFile, Warn, read_chunks, shown, source_files
from pipeline.sources.header_rows import HEADER_ROWS
from pipeline.sources.layout import WHOLE_FILE, Layout
from queries.errors import DataRefused, UsageError

# A reader that refuses a file says what would help: the encoding, or the column that the header has.
_ENCODING = re.compile(r"--encoding ([\w-]+)")
_LINES = re.compile(r"header = \[(\d+), (\d+)\]|lines (\d+) and (\d+) name the columns")
_HEADER = re.compile(r'header = "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Look:
    """A file as it was found: the layout and encoding that it is read with, and its columns."""

    path: Path
    layout: Layout
    encoding: str
    profiles: Profiles


def look_at(path: Path, encoding: str = "utf-8") -> Look:
    """Read the whole file. Raises `InputNotFound`, or `DataRefused` for a file that is not a table."""
    sources, _ = source_files([path])
    if path.is_dir() or len(sources) != 1:
        raise UsageError("mapping.one_file", f"{shown(path)}: a draft is made of one file", "Name one file of the kind")
    (source,) = sources
    layout = WHOLE_FILE
    for _ in range(3):
        try:
            warnings: list[str] = []
            profiles = _profiles(source, encoding, layout, warnings.append)
            rows = next((_numbers(warning) for warning in warnings if warning.startswith(HEADER_ROWS)), ())
            return Look(path, replace(layout, header_rows=rows) if rows else layout, encoding, profiles)
        except Refused as refused:
            named, header = _ENCODING.search(refused.hint), _HEADER.search(refused.hint)
            if refused.code == "file.encoding" and named and named[1] != encoding:
                encoding = named[1]
            elif (rows := _numbers(refused.hint)) and not layout.has_other_parts:
                layout = replace(layout, header_rows=rows)
            elif header and not layout.has_other_parts:
                layout = replace(layout, header=header[1])
            else:
                raise _refused(path, refused) from None
    raise DataRefused("file.csv_header", f"{shown(path)}: no line names the columns", "Remove the lines before it")


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of two lines that name the columns together, as a reader says them."""
    found = _LINES.search(text)
    return tuple(int(number) for number in found.groups() if number) if found else ()


def _profiles(source: SourceFile, encoding: str, layout: Layout, warn: Warn) -> Profiles:
    profiles = Profiles()
    for chunk in read_chunks(source, warn, encoding, layout):
        if chunk.flat is None:
            raise Refused("file.not_flat", "it is not a table", "A mapping is for CSV, Excel or flat Parquet files")
        profiles.add(chunk.flat)
    if not profiles.rows:
        raise Refused("file.empty", "it has no rows", "Export it with at least one visit")
    return profiles


def _refused(path: Path, refused: Refused) -> DataRefused:
    return DataRefused(refused.code, f"{shown(path)}: {refused.message}", refused.hint)
