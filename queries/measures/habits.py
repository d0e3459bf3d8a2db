"""Since when nobody has marked, from the measure `silent_markers`. Pure."""

from __future__ import annotations

import datetime as dt

import polars as pl


def with_days_since(rows: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Add days_since (Int64), whole days from the last mark to a local date; null if there is no mark.

    Those who have marked nobody stand first, then those who have not for longest; the more bookings, the earlier.
    """
    since = (pl.lit(today) - pl.col("last_mark")).dt.total_days()
    ordered = ["days_since", "bookings", "keeper_id"]
    return rows.with_columns(days_since=since).sort(
        ordered, descending=[True, True, False], nulls_last=[False, False, True]
    )
