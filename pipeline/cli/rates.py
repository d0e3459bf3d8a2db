"""Print no-show counts and rates by groupings, as a table, CSV, JSON or Parquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich import box
from rich.table import Table

import queries
from pipeline.cli.filters import read_where
from pipeline.cli.lake import SourceOptions, opened
from pipeline.cli.streams import write_bytes
from pipeline.cli.table_formats import WRITERS, cell, require_fitting_output
from pipeline.cli.terminal import stdout_console
from queries.model.attributes import attribute_named
from queries.model.groupings import Grouping, groupings_named

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
    with opened(options, counts_only=True) as source:
        frame = _rates(source, groupings, where, as_of, min_bookings)
    if table_format == "table":
        print_table(frame, groupings_named(groupings))
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


def print_table(frame: pl.DataFrame, groupings: Sequence[Grouping]) -> None:
    """Print the groups by name, the rate with its parts and interval, and how much is marked.

    The head of the column that orders the groups says so, unless they have an order of their own, such as weeks.
    The marks are those of sources that record both sides, of the bookings that have or lack one; a dash without any.
    """
    groups = [grouping.name for grouping in groupings]
    table = Table(box=box.SIMPLE_HEAD)
    for column in groups:
        # The name of an attribute is the owner's own, as it is written elsewhere.
        table.add_column(column if attribute_named(column) else column.replace("_", " "), overflow="fold")
    is_shrunk = frame["shrunk_rate"].is_not_null().any()
    is_ranked = not all(grouping.in_order for grouping in groupings)
    interval_head = "95 % interval" + ("\nhighest lower end first" if is_ranked and not is_shrunk else "")
    shrunk_heads = ["shrunk rate\nhighest first"] if is_ranked and is_shrunk else []
    for head in ("no-show rate", "no-shows", interval_head, *shrunk_heads, "marked of due", "late cancelled"):
        table.add_column(head, justify="right")
    for row in frame.iter_rows(named=True):
        interval = f"{_percent(row['no_show_rate_low'])} to {_percent(row['no_show_rate_high'])}"
        table.add_row(
            *(cell(row[column]) for column in groups),
            "too few" if row["too_few"] else _percent(row["no_show_rate"]),
            f"{row['missed_bookings']:,} of {row['rated_bookings']:,}",
            interval if row["rated_bookings"] else "–",
            *("–" if row["too_few"] else _percent(row["shrunk_rate"]) for _ in shrunk_heads),
            _coverage(row),
            cell(row["late_cancelled"]),
        )
    stdout_console().print(table)


def _coverage(row: Mapping[str, Any]) -> str:
    registered = row["register_marked"] + row["unmarked_bookings"]
    return f"{row['register_marked']:,} of {registered:,}" if registered or not row["bookings"] else "–"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f} %"
