"""Write a frame as CSV, JSON, Parquet or an Excel workbook, to a file or to stdout, or print it as a table.

Polars is imported late: a table that is printed of other rows does without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.markup import escape
from rich.table import Table

from pipeline.cli.json_output import json_text
from pipeline.cli.streams import STDIO, require_not_for_terminal, write_bytes
from pipeline.cli.terminal import stdout_console
from pipeline.printable import FORMULA
from queries.errors import UsageError

if TYPE_CHECKING:
    import polars as pl

# These change the direction of writing, so that `fdp.exe` is read as `exe.pdf`.
_BIDI = {
    chr(code): f"\\u{code:04x}" for code in (0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}

# A worksheet has 1,048,576 rows, and the first holds the names of the columns.
_MOST_ROWS = 1_048_576


def to_csv(frame: pl.DataFrame) -> bytes:
    """CSV that is safe in a spreadsheet.

    A text that would start a formula, such as `=1+1`, gets a ' before it, and characters that change the direction of
    writing become escapes such as \\u202e.
    """
    import polars as pl

    shown = _in_cells(frame)
    texts = pl.col(pl.String)
    safe = shown.with_columns(pl.when(texts.str.contains(FORMULA)).then("'" + texts).otherwise(texts).name.keep())
    return safe.write_csv().encode()


def to_xlsx(frame: pl.DataFrame) -> bytes:
    """An Excel workbook of one sheet, in which a text is never a formula or a link.

    Raises `UsageError` for more rows than a sheet holds.
    """
    if frame.height >= _MOST_ROWS:
        raise UsageError(
            "output.rows", f"{frame.height:,} rows are more than a worksheet holds", "Use --format csv or parquet"
        )
    import xlsxwriter

    buffer = BytesIO()
    # Text that starts with `=` or `http:` stays text.
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "nan_inf_to_errors": True, "in_memory": True}
    with xlsxwriter.Workbook(buffer, as_text) as workbook:
        _in_cells(frame).write_excel(workbook, autofit=True)
    return buffer.getvalue()


def _in_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Lists of texts as one text, and characters that change the direction of writing as escapes such as \\u202e."""
    import polars as pl

    flat = frame.with_columns(pl.col(pl.List(pl.String)).list.join("; "))
    return flat.with_columns(pl.col(pl.String).str.replace_many(_BIDI))


def to_json(frame: pl.DataFrame) -> bytes:
    """JSON: a list with an object for each row; dates are ISO texts, decimals numbers."""
    import polars as pl

    rows = frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64)).to_dicts()
    return (json_text(rows, iso) + "\n").encode()


def to_parquet(frame: pl.DataFrame) -> bytes:
    """Parquet, with the types of the frame."""
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def cell(value: object) -> str:
    """A value as a cell of a table on the terminal: a dash for none; unprintable characters (bidi too) as escapes."""
    text = "–" if value is None else str(value)
    return escape("".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text))


def print_frame(frame: pl.DataFrame, table_format: str) -> None:
    """Print all rows and columns of a frame on stdout, in any format."""
    if table_format != "table":
        write_bytes(WRITERS[table_format](frame), None)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in frame.columns:
        table.add_column(name, overflow="fold")
    for row in frame.iter_rows():
        table.add_row(*map(cell, row))
    stdout_console().print(table)


def require_fitting_output(table_format: str, out: Path | None) -> None:
    """Raise `UsageError` for a table to a file, or Parquet or a workbook to a terminal."""
    if table_format == "table" and out and out != STDIO:
        raise UsageError(
            "output.format", "a table is for the terminal", "Use --format csv, json, parquet or xlsx with --out"
        )
    if not out or out == STDIO:
        require_not_for_terminal(table_format, "Add --out FILE, or send stdout to a file")


def iso(value: object) -> str:
    """A value that JSON has no type for, as text; dates and times in ISO form."""
    return value.isoformat() if isinstance(value, dt.date) else str(value)


WRITERS: dict[str, Callable[[pl.DataFrame], bytes]] = {
    "csv": to_csv,
    "json": to_json,
    "parquet": to_parquet,
    "xlsx": to_xlsx,
}
