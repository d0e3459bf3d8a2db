"""Since when nobody has marked, from the measure `silent_markers`. Pure."""

from __future__ import annotations

import polars as pl


def with_days_since(rows: pl.DataFrame) -> pl.DataFrame:
    """Add days_since (Int64), whole days from the last mark to the last due booking; null if there is no mark.

    Not to today: who has no bookings has nobody to mark. Those who have marked nobody stand first, then those who have
    not for longest; the more bookings, the earlier.
    """
    since = (pl.col("last_booking") - pl.col("last_mark")).dt.total_days()
    ordered = ["days_since", "bookings", "keeper_id"]
    return rows.with_columns(days_since=since).sort(
        ordered, descending=[True, True, False], nulls_last=[False, False, True]
    )
