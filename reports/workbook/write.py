"""Write tables as an Excel workbook. A text is never a formula or a link, and the same report gives the same bytes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from typing import Any

from reports.report import Report
from reports.workbook.tables import Column, Table, sheet_names, tables_of

# The longest text of a cell; XlsxWriter would leave a longer one out.
_LONGEST = 32_767
_FORMATS = {"rate": "0.0%", "count": "#,##0", "number": "0.0", "money": "#,##0.00", "date": "yyyy-mm-dd"}
_MOST_WIDE = 420  # pixels: a definition is not the width of the screen


def workbook(report: Report) -> bytes:
    """The workbook of a report, a sheet for each of its tables, the heads in the first row."""
    import xlsxwriter

    buffer = BytesIO()
    moment = dt.datetime.fromisoformat(report.scope["as_of"]).astimezone(dt.UTC).replace(tzinfo=None)
    tables = tables_of(report)
    names = sheet_names(tables)
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": _FORMATS["date"]}) as book:
        # Otherwise the clock is in the file.
        book.set_properties({"title": report.title, "author": "noshow", "created": moment})
        formats = {kind: book.add_format({"num_format": shown}) for kind, shown in _FORMATS.items()}
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for place, table in enumerate(tables):
            _write(book.add_worksheet(names[place]), table, formats, head)
    return buffer.getvalue()


def _write(sheet: Any, table: Table, formats: dict[str, Any], head: Any) -> None:
    for across, column in enumerate(table.columns):
        sheet.write_string(0, across, column.head, head)
        for down, row in enumerate(table.rows, start=1):
            _write_cell(sheet, down, across, column, column.of(row), formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
    sheet.autofit(_MOST_WIDE)


def _write_cell(sheet: Any, down: int, across: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    """A cell by the kind of its column; `write_string` keeps `=1+1` a text."""
    if value is None:
        return
    if column.kind == "text":
        sheet.write_string(down, across, str(value)[:_LONGEST])
    elif column.kind == "date":
        sheet.write_datetime(down, across, value, formats["date"])
    else:
        number = float(value) if isinstance(value, Decimal) else value
        sheet.write_number(down, across, number, formats[column.kind])
