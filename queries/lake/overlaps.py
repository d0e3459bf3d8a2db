"""Count how often contacts of a lake book before and after dates, as `halves.sql` and `overlaps_sql` do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Any

import narwhals as nw
import polars as pl

from queries.lake.columns import FIRST_BOOKING
from queries.lake.counts import grouped_keys, part_key, total, weight_of
from queries.model.groupings import Grouping
from queries.model.stretches import Stretches

_DATE = nw.col("local_date")
_RATED = nw.col("is_rated")
_BEFORE, _AFTER = nw.col("before"), nw.col("after")
_IS_KNOWN = ~nw.col("cluster").is_null()


def first_and_last(rows: nw.LazyFrame[Any], part: Grouping | None) -> nw.LazyFrame[Any]:
    """The first and the last local date of rated bookings: `part` if given, then first and last."""
    dates = (_DATE.min().alias("first"), _DATE.max().alias("last"))
    rated = rows.filter(_RATED)
    return rated.with_columns(part=part_key(part)).group_by("part").agg(*dates) if part else rated.select(*dates)


def middle_of(first: dt.date, last: dt.date) -> dt.date:
    """The Monday on which the second half of the weeks begins; of an odd number the first half has one more."""
    first, last = (date - dt.timedelta(days=date.weekday()) for date in (first, last))
    weeks = (last - first).days // 7 + 1
    return first + dt.timedelta(weeks=(weeks + 1) // 2)


def after_the_middle(dates: pl.DataFrame) -> nw.Expr:
    """Whether a row lies in the second half of its part, from `first_and_last`."""
    parts_by_middle: dict[dt.date, list[str]] = {}
    for row in dates.drop_nulls("first").to_dicts():
        parts_by_middle.setdefault(middle_of(row["first"], row["last"]), []).append(row.get("part", ""))
    if "part" not in dates.columns or not parts_by_middle:
        return nw.lit(next(iter(parts_by_middle), dt.date.max)) <= _DATE
    each = [nw.col("part").is_in(names) & (nw.lit(middle) <= _DATE) for middle, names in parts_by_middle.items()]
    return reduce(or_, each)


def by_halves(
    rows: nw.LazyFrame[Any], after: nw.Expr, groupings: Sequence[Grouping], part: Grouping | None
) -> nw.LazyFrame[Any]:
    """The sums `SIDES` of the halves, by the keys of `summed`."""
    with_part = rows.with_columns(part=part_key(part)) if part else rows
    return sides(with_part, ~after, after, groupings, part)


def in_stretch(each: Stretches, dates: tuple[dt.date, dt.date]) -> nw.Expr:
    """Whether a row lies in one of the stretches and is of the locations or services that it names."""
    within = (nw.lit(dates[0]) <= _DATE) & (nw.lit(dates[1]) >= _DATE)
    if not each.names:
        return within
    name = nw.col(each.where)
    named = ~name.is_null() & name.str.to_lowercase().is_in([name.lower() for name in each.names])
    return within & named if each.is_named else within & (name.is_null() | ~named)


def sides(
    rows: nw.LazyFrame[Any], before: nw.Expr, after: nw.Expr, groupings: Sequence[Grouping], part: Grouping | None
) -> nw.LazyFrame[Any]:
    """Sums of rated bookings before and after, of squares and products by contact: by the keys of `summed`."""
    keys: Mapping[str, nw.Expr] = grouped_keys(groupings, part)
    rated = rows.filter(_RATED).with_columns(cluster=nw.col(FIRST_BOOKING), **keys)
    each = rated.group_by(*keys, "cluster").agg(weight_of(before).alias("before"), weight_of(after).alias("after"))
    zero = nw.lit(0, nw.Int64)
    sums = (
        total(_BEFORE, "rated_before"),
        total(_AFTER, "rated_after"),
        total(nw.when(_IS_KNOWN).then(_BEFORE * _BEFORE).otherwise(_BEFORE), "squares_before"),
        total(nw.when(_IS_KNOWN).then(_AFTER * _AFTER).otherwise(_AFTER), "squares_after"),
        total(nw.when(_IS_KNOWN).then(_BEFORE * _AFTER).otherwise(zero), "products"),
    )
    return each.group_by(*keys).agg(*sums) if keys else each.select(*sums)
