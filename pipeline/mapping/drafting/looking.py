"""Read a file whose layout is unknown: find its encoding and its header, and profile its columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.faults import Refused
from pipeline.mapping.drafting.profile import Profiles
from pipeline.mapping.drafting.registers import Register, cells_of, register_of
from pipeline.printable import shown
from pipeline.sources import SourceFile, Warn, read_chunks, source_files
from pipeline.sources.flattening import flattened
from pipeline.sources.header_rows import HEADER_ROWS
from pipeline.sources.layout import WHOLE_FILE, Layout
from queries.errors import DataRefused, UsageError

# A reader that refuses a file says what would help: the encoding, or the column that the header has.
_ENCODING = re.compile(r"--encoding ([\w-]+)")
_LINES = re.compile(r"header = \[(\d+), (\d+)\]|lines (\d+) and (\d+) name the columns")
_HEADER = re.compile(r'header = "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Look:
    """A file as it was found: the layout and encoding that it is read with, and its columns.

    Of a register, `profiles` are those of the rows that its cells become.
    """

    path: Path
    layout: Layout
    encoding: str
    profiles: Profiles
    register: Register | None = None


def look_at(path: Path, encoding: str = "utf-8") -> Look:
    """Read the whole file. Raises `InputNotFound`, or `DataRefused` for a file without rows."""
    sources, _ = source_files([path])
    if path.is_dir() or len(sources) != 1:
        raise UsageError("mapping.one_file", f"{shown(path)}: a draft is made of one file", "Name one file of the kind")
    (source,) = sources
    try:
        found = _looked(path, source, encoding, WHOLE_FILE)
    except Refused as refused:
        if not refused.code.endswith("_header"):
            raise _refused(path, refused) from None
        register = _as_register(path, source, encoding)
        if register is None:
            raise _refused(path, refused) from None
        found = register
    if found.register is None and any(name.startswith("column_") for name in found.profiles.columns):
        # A title may have been taken for the header, since the columns below it are called like dates.
        return _as_register(path, source, encoding) or found
    return found


def _as_register(path: Path, source: SourceFile, encoding: str) -> Look | None:
    """Look at a file whose columns are called like dates, or return None if it is not a register."""
    try:
        found = _looked(path, source, encoding, Layout(columns_may_be_data=True))
    except Refused:
        return None
    return found if found.register else None


def _looked(path: Path, source: SourceFile, encoding: str, layout: Layout) -> Look:
    """Read the file, and again with the remedy that a refusal names. Raises `Refused`."""
    while True:
        try:
            warnings: list[str] = []
            profiles = _profiles(source, encoding, layout, warnings.append)
        except Refused as refused:
            named, header = _ENCODING.search(refused.hint), _HEADER.search(refused.hint)
            if refused.code == "file.encoding" and named and named[1] != encoding:
                encoding = named[1]
            elif (rows := _numbers(refused.hint)) and not layout.has_other_parts:
                layout = replace(layout, header_rows=rows)
            elif header and not layout.has_other_parts:
                layout = replace(layout, header=header[1])
            else:
                raise
            continue
        rows = next((_numbers(warning) for warning in warnings if warning.startswith(HEADER_ROWS)), ())
        layout = replace(layout, header_rows=rows) if rows else layout
        register = register_of(profiles)
        return Look(path, layout, encoding, cells_of(profiles, register) if register else profiles, register)


def _numbers(text: str) -> tuple[int, ...]:
    """The numbers of two lines that name the columns together, as a reader says them."""
    found = _LINES.search(text)
    return tuple(int(number) for number in found.groups() if number) if found else ()


def _profiles(source: SourceFile, encoding: str, layout: Layout, warn: Warn) -> Profiles:
    profiles = Profiles()
    for chunk in read_chunks(source, warn, encoding, layout):
        # The fields of JSON are columns by their dotted paths, as a load with a mapping reads them.
        flat = chunk.flat if chunk.flat is not None else flattened(chunk, ()).flat
        if flat is not None and flat.height:
            profiles.add(flat)
    if not profiles.rows:
        raise Refused("file.empty", "it has no rows", "Export it with at least one visit")
    return profiles


def _refused(path: Path, refused: Refused) -> DataRefused:
    return DataRefused(refused.code, f"{shown(path)}: {refused.message}", refused.hint)
