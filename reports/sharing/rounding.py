"""Round counts for sharing: 1 to 7 become null, all others go to the nearest 5."""

from __future__ import annotations

import math

import polars as pl

from queries.measures.clustering import Clustering
from queries.model.fact import fact_columns
from queries.model.groupings import GROUPINGS

SMALLEST_SHARED = 8
STEP = 5
# How far a count may lie from the number it was rounded to.
ERROR = STEP // 2
# Whole numbers that say which group a row is, not how much of it there is.
GROUP_NUMBERS = {
    grouping.columns[0]
    for grouping in GROUPINGS.values()
    if (column := fact_columns().get(grouping.key.removeprefix("p."))) and column.kind == "number"
}
# The tables of a shared report by which it may also be split into parts.
SHARED_SPLITS = ("service", "location")


def is_small(count: int) -> bool:
    """Whether a count is from 1 to 7, and so too small to be shared."""
    return 0 < count < SMALLEST_SHARED


def round_count(count: int) -> int | None:
    """A count as others may see it: None from 1 to 7, else the nearest multiple of 5 (12 → 10, 13 → 15)."""
    return None if is_small(count) else (count + ERROR) // STEP * STEP


def round_for_sharing(frame: pl.DataFrame) -> pl.DataFrame:
    """Round every count (Int64) of a frame whose rows are not parts of a total that is shared too."""
    columns = [name for name, kind in frame.schema.items() if kind == pl.Int64 and name not in GROUP_NUMBERS]
    return frame.with_columns(_rounded(frame[name]) for name in columns)


def _rounded(counts: pl.Series) -> pl.Series:
    return pl.Series(counts.name, [None if count is None else round_count(count) for count in counts], dtype=pl.Int64)


def round_clustering(clustering: Clustering) -> Clustering:
    """The clustering without its sums, and the design effect of all bookings rounded up to a tenth for every group.

    From an exact one the counts of contacts, and those of bookings before rounding, could be worked out.
    """
    return Clustering(clustering.contact, clustering.session, whole=math.ceil(clustering.whole * 10) / 10)


def number_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """Replace the database's ids by numbers in the order of the names; an unknown id stays null."""
    ids = [name for name in frame.columns if name.endswith("_id")]
    if not ids:
        return frame
    (key,) = ids
    ordered = frame.sort(key.removesuffix("_id"), key, nulls_last=True).with_row_index("number", 1)
    number = pl.when(pl.col(key).is_not_null()).then(pl.col("number").cast(pl.String))
    return ordered.with_columns(number.alias(key)).drop("number")
