"""A frame of counts goes in; the same frame as it may be shown to others comes out: small counts blank, others rounded.

Counts of 1 to 7 are null, others go to the nearest 5, so that nobody can be told from a figure; rates are then taken
from the rounded counts.
"""

from __future__ import annotations

import polars as pl

SMALLEST_TOLD = 8
_STEP = 5
# Columns of whole numbers that say what a group is, not how much of it there is.
_NO_COUNTS = ("local_weekday", "local_hour", "party_size", "session_number", "capacity", "level")


def rounded(frame: pl.DataFrame) -> pl.DataFrame:
    """Every count (Int64) of 1 to 7 null, every other to the nearest 5; money goes with the counts it came from."""
    columns = [name for name, kind in frame.schema.items() if kind == pl.Int64 and name not in _NO_COUNTS]
    money = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal)]
    return frame.with_columns(
        *(_rounded(pl.col(name)).alias(name) for name in columns),
        *(pl.lit(None, frame.schema[name]).alias(name) for name in money),
    )


def told(count: int) -> int | None:
    """A count as it may be shown to others."""
    if 0 < count < SMALLEST_TOLD:
        return None
    return (count + _STEP // 2) // _STEP * _STEP


def _rounded(count: pl.Expr) -> pl.Expr:
    nearest = (count + _STEP // 2) // _STEP * _STEP
    return pl.when((count == 0) | (count >= SMALLEST_TOLD)).then(nearest)
