"""Read a worksheet of an Excel workbook into chunks of rows, as text columns with the numbers of its rows.

Dates become ISO text, whole numbers lose their `.0`, formulas give the value that was stored with them.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from pipeline.faults import Refused
from pipeline.sources.archives import BROKEN
from pipeline.sources.chunks import Chunks, Warn
from pipeline.sources.csv_records import csv_line, kept_header
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
from pipeline.sources.workbook_bounds import DEFAULT_MEMORY, require_bounded_workbook

_CODE = "file.xlsx_header"
_ANY_DAY = dt.date(2000, 1, 1)
# Excel keeps 15 digits of a number; the rest of a longer one became zeros.
_DIGITS_KEPT = 10**15
_BROKEN = (*BROKEN, CalamineError, expat.ExpatError)
_Value = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_xlsx(stream: IO[bytes], warn: Warn, layout: Layout = WHOLE_FILE, memory: int = DEFAULT_MEMORY) -> Chunks:
    """Read the rows of a worksheet in chunks; rows without any value are passed over.

    Raises `Refused` if the file is damaged, protected by a password or not a workbook, if it lacks the worksheet, and
    if the workbook would take more than `memory` bytes.
    """
    source = stream if stream.seekable() else io.BytesIO(stream.read())
    try:
        require_bounded_workbook(source, memory)
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


def _damaged(reason: str) -> Refused:
    return Refused("file.xlsx", f"not an Excel workbook that can be read: {reason}", "Save it again, or as CSV")
