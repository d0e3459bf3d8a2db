"""Groupings and a filter go in; the table of rates is printed as a table, CSV, JSON or Parquet."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import polars as pl
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import queries
from pipeline.cli.filters import read_where
from queries.errors import UsageError

# What a terminal shows; the other formats have every column.
_SHOWN = (
    "bookings",
    "marked_bookings",
    "no_shows",
    "no_show_rate",
    "no_show_rate_low",
    "no_show_rate_high",
    "coverage",
    "absent",
    "walk_ins",
    "late_cancelled",
)


def run(
    by: str,
    table_format: str,
    where: str | None,
    as_of: str | None,
    min_bookings: int,
    out: Path | None,
    db: Path | None,
) -> None:
    """Query and print."""
    groupings = [name.strip() for name in by.split(",") if name.strip()]
    connection = queries.connect(db)
    try:
        frame = queries.no_show_rates(connection, groupings, read_where(where), as_of, min_bookings)
    finally:
        connection.close()
    if table_format == "table" and out is None:
        print_table(frame)
        return
    if table_format == "parquet" and out is None and sys.stdout.isatty():
        raise UsageError("output.terminal", "Parquet is not for a terminal", "Add --out FILE, or send stdout to a file")
    data = _WRITERS[table_format](frame)
    if out:
        out.write_bytes(data)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.flush()


def print_table(frame: pl.DataFrame) -> None:
    """The group columns that a person reads, and the most telling figures."""
    groups = [
        name
        for name in frame.columns[: frame.columns.index("bookings")]
        if f"{name.removesuffix('_id')}" == name or name.removesuffix("_id") not in frame.columns
    ]
    table = Table(box=box.SIMPLE_HEAD)
    for name in groups:
        table.add_column(name, overflow="fold")
    for name in _SHOWN:
        table.add_column(name.replace("_", " "), justify="right")
    for row in frame.iter_rows(named=True):
        table.add_row(*(escape(_text(row[name])) for name in groups), *(_figure(row[name], name) for name in _SHOWN))
    Console(soft_wrap=not sys.stdout.isatty()).print(table)


def _figure(value: float | int | None, name: str) -> str:
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{100 * value:.1f} %"


def _text(value: object) -> str:
    return "–" if value is None else str(value)


def _csv(frame: pl.DataFrame) -> bytes:
    """CSV in which no cell can start a formula in a spreadsheet."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    safe = frame.with_columns(
        pl.when(pl.col(name).str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col(name)).otherwise(pl.col(name)).alias(name)
        for name in texts
    )
    return safe.write_csv().encode()


def _json(frame: pl.DataFrame) -> bytes:
    rows = frame.with_columns(pl.col(pl.Decimal).cast(pl.Float64), pl.col(pl.Date).cast(pl.String)).to_dicts()
    return (json.dumps(rows, ensure_ascii=False, indent=2) + "\n").encode()


def _parquet(frame: pl.DataFrame) -> bytes:
    buffer = BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def _table(frame: pl.DataFrame) -> bytes:
    raise UsageError("output.format", "a table is for the terminal", "Use --format csv, json or parquet with --out")


_WRITERS: dict[str, Callable[[pl.DataFrame], bytes]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
    "table": _table,
}
