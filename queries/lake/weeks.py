"""Count bookings of a lake by week of each group that a report follows, as `weeks.sql` does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import polars as pl

from queries.lake.columns import key_column
from queries.lake.counts import grouped_keys, summed, total, weight_of
from queries.lake.engines import OpenLake
from queries.model.families import FOLLOWED
from queries.model.groupings import GROUPINGS, Grouping

WEEKLY = ("bookings", "rated_bookings", "missed_bookings")
_SQUARES = "session_squares"
_LOCATION = GROUPINGS["location"]
# A session is counted by all keys that a family can have, so that a lake has the same squares as a database.
_EVERY_KEY = tuple(dict.fromkeys(key_column(grouping) for groups in FOLLOWED.values() for grouping in groups))


def weeks_of(opened: OpenLake, rows: nw.LazyFrame[Any], family: str, part: Grouping | None) -> pl.DataFrame:
    """The rows of the measure `weeks` of a family, without `family`; with `part` if it is given."""
    groups = FOLLOWED[family]
    groupings = [GROUPINGS["week"], *groups]
    sums = opened.collect(summed(rows, groupings, part, WEEKLY))
    keys = [name for name in sums.columns if name == "part" or name.startswith("key_")]
    squares = opened.collect(_squares(rows, groupings, part))
    frame = sums.join(squares, on=keys, how="left", nulls_equal=True, maintain_order="left")
    named = {f"key_{at}": grouping.columns[0] for at, grouping in enumerate(groupings)}
    at_location = {f"label_{at}_location": "location" for at, grouping in enumerate(groupings) if grouping is _LOCATION}
    kept = (*(["part"] if part else []), *named.values(), *at_location.values(), *WEEKLY, _SQUARES)
    return frame.rename(named | at_location).select(kept)


def _squares(rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None) -> nw.LazyFrame[Any]:
    keys = grouped_keys(groupings, part)
    every = {f"every_{at}": nw.col(name) for at, name in enumerate(_EVERY_KEY)}
    each = rows.with_columns(cluster=nw.col("session_id"), **keys, **every)
    counted = each.group_by(*keys, *every, "cluster").agg(weight_of(nw.col("is_rated")).alias("rated"))
    return counted.group_by(*keys).agg(total(nw.col("rated") * nw.col("rated"), _SQUARES))
