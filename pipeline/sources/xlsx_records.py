"""Read a worksheet of an Excel workbook into chunks of rows, as text columns with the numbers of its rows.

Dates become ISO text, whole numbers lose their `.0`, formulas give the value that was stored with them.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pipeline.faults import Refused
from pipeline.sources.chunks import Chunks, Warn
from pipeline.sources.csv_records import csv_line, kept_header
from pipeline.sources.files import require_bounded
from pipeline.sources.flat_rows import FlatRows, is_blank
from pipeline.sources.header_rows import are_header_rows, header_rows_read, joined_names, require_no_pair_below
from pipeline.sources.headers import (
    LINES_BEFORE_HEADER,
    clean_name,
    has_column,
    named_columns,
    no_header,
    require_header,
    values_above,
)
from pipeline.sources.layout import WHOLE_FILE, Layout

_CODE = "file.xlsx_header"
# The reader holds every cell between the first and the last one used: two cells in opposite corners of a worksheet
# would need 400 GB. A full worksheet of 1,048,576 rows has 20 columns here.
_MAX_CELLS = 21_000_000
# Up to this number cells may lie as far apart as they like; above it at most one in so many may be empty.
_FREE_CELLS = 2_000_000
_EMPTY_CELLS = 10
_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_MAX_ROWS = 2**20
_BLOCK = 2**20
_ANY_DAY = dt.date(2000, 1, 1)
# Excel keeps 15 digits of a number; the rest of a longer one became zeros.
_DIGITS_KEPT = 10**15
_BROKEN = (CalamineError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, expat.ExpatError, ValueError)
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_xlsx(stream: IO[bytes], warn: Warn, layout: Layout = WHOLE_FILE) -> Chunks:
    """Read the rows of a worksheet in chunks; rows without any value are passed over.

    Raises `Refused` if the file is damaged, protected by a password or not a workbook, and if it lacks the worksheet.
    """
    source = stream if stream.seekable() else io.BytesIO(stream.read())
    try:
        _require_bounded_cells(source)
        source.seek(0)
        workbook = CalamineWorkbook.from_filelike(source)
        sheet = _sheet(workbook, layout.sheet)
    except _BROKEN as error:
        raise _damaged(str(error)) from None
    except RuntimeError:  # zipfile's word for a part that is encrypted
        raise Refused("file.xlsx", "it is protected by a password", "Save it without the password") from None
    yield from _chunks(sheet, warn, layout)


def _chunks(sheet: CalamineSheet, warn: Warn, layout: Layout) -> Chunks:
    rows = itertools.islice(_texts(sheet), layout.skip, None)
    before: list[list[str]] = []
    line, header = (layout.skip, list(layout.columns)) if layout.columns else _header(rows, layout, before)
    above = list(values_above(before, layout.above))
    if len(layout.header_rows) > 1:
        header = joined_names(header, next(rows, (0, []))[1])
    elif not layout.has_other_parts and not layout.columns:
        later = itertools.islice(_texts(sheet), LINES_BEFORE_HEADER + line)
        below = [(number, row) for number, row in later if number > line]
        if below and are_header_rows(header, below[0][1], [row for _, row in below[1:]]):
            warn(header_rows_read(line))
            header = joined_names(header, next(rows)[1])
        else:
            require_no_pair_below(_CODE, header, below)
            require_header(_CODE, header, below, layout.columns_may_be_data)
    header = [*header, *layout.above]
    columns, kept = named_columns(_CODE, header, warn), kept_header(csv_line(header), ",")
    flat = FlatRows(columns, kept, warn, layout.has_other_parts, layout.end)
    for number, row in rows:
        if is_blank(row):
            flat.skip_blank()
            continue
        if flat.is_other_part(row, number, len(above)):
            break
        row = [*row, *above]
        if chunk := flat.add(row, csv_line(row), number):
            yield chunk
    yield from flat.finish()


def _sheet(workbook: CalamineWorkbook, name: str | None) -> CalamineSheet:
    """The worksheet of this name, else the first one that is not hidden."""
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if name is not None:
        fitting = [sheet.name for sheet in sheets if sheet.name.strip().lower() == name.strip().lower()]
    else:
        fitting = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if fitting:
        return workbook.get_sheet_by_name(fitting[0])
    names = ", ".join(sheet.name for sheet in sheets)
    if name is None:
        raise Refused("file.xlsx_sheet", "it has no worksheet that is not hidden", "Is it an export?")
    raise Refused(
        "file.xlsx_sheet", f"no worksheet is called {name!r}", f"Correct `sheet` in the mapping; it has {names}"
    )


def _header(rows: Iterator[tuple[int, list[str]]], layout: Layout, before: list[list[str]]) -> tuple[int, list[str]]:
    """Read on to the header: the row with the number that the layout gives, the first with the column that it names, or
    the first with a value.

    Rows before it are added to `before`.
    """
    for row in rows:
        if _is_header(row, layout):
            return row
        if len(before) < LINES_BEFORE_HEADER:
            before.append(row[1])
    if layout.header is not None:
        raise no_header(_CODE, layout.header)
    if layout.header_rows:
        raise Refused(_CODE, f"it has no row {layout.header_rows[0]}", "Correct `header` in the mapping")
    raise Refused("file.empty", "the worksheet is empty", "Name another one with `sheet` in the mapping")


def _is_header(row: tuple[int, list[str]], layout: Layout) -> bool:
    number, cells = row
    if layout.header_rows:
        return number == layout.header_rows[0]
    return any(map(clean_name, cells)) if layout.header is None else has_column(cells, layout.header)


def _texts(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """The rows as texts, with their numbers in the worksheet (from 1)."""
    with_times = {at for row in sheet.iter_rows() for at, value in enumerate(row) if isinstance(value, dt.datetime)}
    for number, row in enumerate(sheet.iter_rows(), 1):
        yield number, [_text(value, at in with_times) for at, value in enumerate(row)]


def _text(value: _Value, has_time: bool) -> str:
    """The text of a cell. Midnight is a date without a time, except in a column where other cells have one."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, dt.datetime):
        return _to_second(value).isoformat()
    if isinstance(value, dt.date):
        return f"{value}T00:00:00" if has_time else str(value)
    if isinstance(value, dt.time):
        return _to_second(dt.datetime.combine(_ANY_DAY, value)).time().isoformat()
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return value


def _number(value: float) -> str:
    """A number as Excel shows it. One of more than 15 digits has been rounded, and is written so that it shows."""
    if abs(value) >= _DIGITS_KEPT:
        return f"{value:.14E}"
    return str(int(value)) if float(value).is_integer() else repr(value)


def _to_second(moment: dt.datetime) -> dt.datetime:
    """To the nearest second: a time is a fraction of a day, so 10:00 may be stored as 09:59:59.999997."""
    return (moment + dt.timedelta(microseconds=500_000)).replace(microsecond=0)


def _require_bounded_cells(source: IO[bytes]) -> None:
    """Raise `Refused` if the parts of the workbook are far larger than real ones, or its cells lie too far apart.

    Every part that the reader may open is unpacked here first, whatever size it claims to have.
    """
    size = source.seek(0, os.SEEK_END)
    with zipfile.ZipFile(source) as archive:
        parts = [part for part in archive.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
        if "[Content_Types].xml" not in archive.namelist():
            raise zipfile.BadZipFile("a zip archive without the parts of a workbook")
        require_bounded(sum(part.file_size for part in parts), size)
        links = _Links()
        for part in parts:
            with archive.open(part) as opened:
                _Part(links).read(opened)
        links.require_xml()


class _Links:
    """The worksheets of a workbook by the ids of their links, and the parts that links lead to."""

    def __init__(self) -> None:
        self.sheets: set[str] = set()
        self.targets: list[tuple[str, str]] = []

    def require_xml(self) -> None:
        """Raise `ValueError` if a worksheet is in a part that was not examined."""
        if any(id in self.sheets and not target.lower().endswith(".xml") for id, target in self.targets):
            raise ValueError("a worksheet is not in a part that ends in .xml")


class _Part:
    """A part of a workbook: its links, and the rectangle of cells that are used if it is a worksheet.

    The reader takes a part for a worksheet by its place, not by its root, so cells count in each.
    """

    def __init__(self, links: _Links) -> None:
        self._links = links
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._at = (0, 0)
        self._box: tuple[int, int, int, int] | None = None
        self._used = 0

    def read(self, part: IO[bytes]) -> None:
        """Read to the end. Raises `Refused` if the cells are too many, and `ValueError` if one is in no place."""
        while block := part.read(_BLOCK):
            self._parser.Parse(block)
        self._parser.Parse(b"", True)
        self._require_near(max(_FREE_CELLS, _EMPTY_CELLS * self._used))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        # The reader makes room for as many texts or formats as a part says it has.
        for count in (attributes[key] for key in ("count", "uniqueCount") if key in attributes):
            if int(re.sub("[^0-9]", "", count)[:20] or 0) > _MAX_CELLS:
                raise ValueError(f"no part has {count[:40]} elements")
        if name == "row":
            self._at = (_row(attributes["r"]) if "r" in attributes else self._at[0] + 1, 0)
        elif name == "c":
            self._at = _place(attributes["r"]) if "r" in attributes else (self._at[0], self._at[1] + 1)
        elif name in ("v", "is"):
            self._use(*self._at)
        elif name == "sheet":
            self._links.sheets |= {value for key, value in attributes.items() if key.rpartition(":")[2] == "id"}
        elif name == "Relationship":
            self._links.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def _use(self, row: int, column: int) -> None:
        top, left, bottom, right = self._box or (row, column, row, column)
        self._box = min(top, row), min(left, column), max(bottom, row), max(right, column)
        self._used += 1
        self._require_near(_MAX_CELLS)

    def _require_near(self, most: int) -> None:
        """Raise `Refused` if the cells that are used span more cells than these, at most `_MAX_CELLS`."""
        top, left, bottom, right = self._box or (1, 1, 0, 0)
        if (bottom - top + 1) * (right - left + 1) > min(most, _MAX_CELLS):
            raise Refused(
                "file.expansion_limit",
                f"the cells of a worksheet lie too far apart: more than {min(most, _MAX_CELLS) / 10**6:g} million with "
                "those between them",
                "Delete the cells far from the table, or save the worksheet as CSV",
            )


def _place(reference: str) -> tuple[int, int]:
    """The row and column of a cell such as C5, which is (5, 3). Raises `ValueError` if there is no such place."""
    found = _CELL.fullmatch(reference)
    if not found:
        raise ValueError(f"no cell can be at {reference!r}")
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - ord("A") + 1
    return _row(found.group(2)), column


def _row(number: str) -> int:
    if not 0 < _number_in(number) <= _MAX_ROWS:
        raise ValueError(f"no row can have the number {number!r}")
    return int(number)


def _number_in(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError(f"{text[:40]!r} is not a number")
    return int(text)


def _damaged(reason: str) -> Refused:
    return Refused("file.xlsx", f"not an Excel workbook that can be read: {reason}", "Save it again, or as CSV")
