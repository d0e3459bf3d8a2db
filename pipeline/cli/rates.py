"""Print no-show counts and rates by groupings, as a table, CSV, JSON or Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
from rich import box
from rich.table import Table

import queries
from pipeline.cli.filters import read_where
from pipeline.cli.ingest import stdout_console
from pipeline.cli.lake import SourceOptions, opened
from pipeline.cli.table_formats import WRITERS, cell, require_fitting_output, write_bytes

if TYPE_CHECKING:
    import duckdb

    from queries.lake.engines import OpenLake


def run(
    by: str,
    table_format: str,
    where: str | None,
    as_of: str | None,
    min_bookings: int | None,
    out: Path | None,
    options: SourceOptions,
) -> None:
    """Query and print. The table shows a choice of columns; the other formats have all."""
    require_fitting_output(table_format, out)
    groupings = [name.strip() for name in by.split(",") if name.strip()]
    with opened(options) as source:
        frame = _rates(source, groupings, where, as_of, min_bookings)
    if table_format == "table":
        print_table(frame)
    else:
        write_bytes(WRITERS[table_format](frame), out)


def _rates(
    source: duckdb.DuckDBPyConnection | OpenLake,
    groupings: list[str],
    where: str | None,
    as_of: str | None,
    min_bookings: int | None,
) -> pl.DataFrame:
    from queries.lake.engines import OpenLake

    if isinstance(source, OpenLake):
        from queries.lake.rates import lake_rates

        return lake_rates(source, groupings, read_where(where), as_of, min_bookings)
    enough = min_bookings or queries.site(source).min_bookings
    return queries.no_show_rates(source, groupings, read_where(where), as_of, enough)


def print_table(frame: pl.DataFrame) -> None:
    """Print the groups by name, the rate with its parts and interval, and how much is marked."""
    before = frame.columns[: frame.columns.index("bookings")]
    groups = [column for column in before if column.removesuffix("_id") == column]
    table = Table(box=box.SIMPLE_HEAD)
    for column in groups:
        table.add_column(column.replace("_", " "), overflow="fold")
    for head in ("no-show rate", "no-shows", "95 % interval", "marked of due", "late cancelled"):
        table.add_column(head, justify="right")
    for row in frame.iter_rows(named=True):
        interval = f"{_percent(row['no_show_rate_low'])} to {_percent(row['no_show_rate_high'])}"
        table.add_row(
            *(cell(row[column]) for column in groups),
            "too few" if row["too_few"] else _percent(row["no_show_rate"]),
            f"{row['no_shows']:,} of {row['marked_bookings']:,}",
            interval if row["marked_bookings"] else "–",
            f"{row['marked_bookings']:,} of {row['bookings']:,}",
            cell(row["late_cancelled"]),
        )
    stdout_console().print(table)


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f} %"
