"""Write tables as an Excel workbook. A text is never a formula or a link, and the same report gives the same bytes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from io import BytesIO
from math import ceil
from typing import Any

from reports.report import Report
from reports.workbook.tables import Column, Table, sheet_names, tables_of

# The longest text of a cell; XlsxWriter would leave a longer one out.
_LONGEST = 32_767
_FORMATS = {"rate": "0.0%", "count": "#,##0", "number": "0.0", "money": "#,##0.00", "date": "yyyy-mm-dd"}
# The same for Python, to measure the text that is shown: a rate is kept as 0.18181818181818182 and shown as 18.2%.
_SHOWN = {"rate": ".1%", "count": ",.0f", "number": ".1f", "money": ",.2f", "date": "%Y-%m-%d", "text": ""}
_MOST_WIDE, _LAST_WIDE = 420, 900  # pixels: a longer text is wrapped; nothing stands behind the last column
_BESIDE = 20  # pixels: the button of the filter in the head, the indent of a text
_LINE, _MOST_HIGH = 15, 405  # points: one line, and the highest row of Excel
_A4 = 9


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
        formats = {kind: book.add_format({"num_format": shown, "valign": "top"}) for kind, shown in _FORMATS.items()}
        text = {"text_wrap": True, "valign": "top", "align": "left", "indent": 1}
        formats["text"] = book.add_format(text)
        head = {"text_wrap": True, "valign": "top", "bold": True, "bottom": 1}
        heads = {kind: book.add_format(head | {"align": "right"}) for kind in _FORMATS}
        heads["text"] = book.add_format(head | text)
        for place, table in enumerate(tables):
            sheet = book.add_worksheet(names[place])
            _write(sheet, table, formats, heads)
            _set_sizes(sheet, table)
            _set_up_print(sheet)
    return buffer.getvalue()


def _write(sheet: Any, table: Table, formats: dict[str, Any], heads: dict[str, Any]) -> None:
    for across, column in enumerate(table.columns):
        sheet.write_string(0, across, column.head, heads[column.kind])
        for down, row in enumerate(table.rows, start=1):
            _write_cell(sheet, down, across, column, column.of(row), formats)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)


def _set_sizes(sheet: Any, table: Table) -> None:
    """Columns as wide as their texts, and rows as high as their wrapped texts: LibreOffice does not see to it."""
    lines = [1] * len(table.rows)
    for across, column in enumerate(table.columns):
        texts = [_pixels(column, column.of(row)) for row in table.rows]
        limit = _MOST_WIDE if column is not table.columns[-1] else _LAST_WIDE
        wide = min(max(_pixels(None, column.head), *texts), limit)
        sheet.set_column_pixels(across, across, wide + _BESIDE)
        lines = [max(most, ceil(text / wide)) for most, text in zip(lines, texts, strict=True)]
    for down, most in enumerate(lines, start=1):
        if most > 1:
            sheet.set_row(down, min(_LINE * most, _MOST_HIGH))


def _pixels(column: Column | None, value: Any) -> int:
    from xlsxwriter.utility import cell_autofit_width

    shown = "" if value is None else format(value, _SHOWN[column.kind] if column else "")
    return int(cell_autofit_width(shown[:_LONGEST]))


def _set_up_print(sheet: Any) -> None:
    """All columns on one page across, the heads on every page, and the name of the sheet below."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _write_cell(sheet: Any, down: int, across: int, column: Column, value: Any, formats: dict[str, Any]) -> None:
    """A cell by the kind of its column; `write_string` keeps `=1+1` a text."""
    if value is None:
        return
    if column.kind == "text":
        sheet.write_string(down, across, str(value)[:_LONGEST], formats["text"])
    elif column.kind == "date":
        sheet.write_datetime(down, across, value, formats["date"])
    else:
        number = float(value) if isinstance(value, Decimal) else value
        sheet.write_number(down, across, number, formats[column.kind])
