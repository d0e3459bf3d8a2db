"""No-show counts and rates of each group."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import polars as pl

from queries.language.filters import read_filter
from queries.language.resources import BOOKED_SESSION
from queries.measures.clustering import Clustering
from queries.measures.counts import clustering, counts
from queries.measures.frequent import with_frequent
from queries.measures.rates import with_rates, with_shrunk_rates
from queries.model.groupings import Grouping, groupings_named
from queries.moments import as_of_instant

MIN_BOOKINGS = 10


def no_show_rates(
    con: duckdb.DuckDBPyConnection,
    by: str | Sequence[str] = ("service",),
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    min_bookings: int = MIN_BOOKINGS,
) -> pl.DataFrame:
    """No-show counts and rates of each group; with `by=()` one row over all.

    `by` names one or two groupings (`queries.GROUPINGS`), `where` filters the booked sessions (`queries.language`),
    `as_of` is the moment the figures hold for (aware datetime or ISO text; default now).

    Columns: the group columns (`service_id` and `service`, …); Int64 counts from `bookings` to `top_squares`;
    `value_absent` (Decimal); Float64 rates, null if there is nothing to divide, with intervals that allow for bookings
    of one contact or session being alike, as they are over all that `where` selects (`measures.clustering`);
    `excess_score`, `p_value` and `p_value_without_top` (Float64), `frequent` and `few_people` (Boolean): see
    `frequent.with_frequent`;
    `too_few` (Boolean): fewer than `min_bookings` rated, so that the rate says little.
    Groups in time or size come in their order, others ranked by shrunk rate (else by the interval's lower limit),
    the highest first and those with too few last.
    """
    groupings = groupings_named(by)
    node, moment = read_filter(BOOKED_SESSION, where), as_of_instant(as_of)
    return ranked(counts(con, groupings, node, moment), groupings, min_bookings, clustering(con, node, moment))


def ranked(
    frame: pl.DataFrame, groupings: Sequence[Grouping], min_bookings: int, clustering: Clustering
) -> pl.DataFrame:
    """Counts by groupings with their rates, shrunk rates and flags, in the order of `no_show_rates`."""
    rates = with_frequent(with_shrunk_rates(with_rates(frame, clustering)), min_bookings, clustering)
    return _in_order(rates.with_columns(too_few=pl.col("rated_bookings") < min_bookings), groupings)


def _in_order(rates: pl.DataFrame, groupings: Sequence[Grouping]) -> pl.DataFrame:
    keys = [_sort_key(grouping) for grouping in groupings]
    if all(grouping.in_order for grouping in groupings):
        return rates.sort(keys, nulls_last=True) if keys else rates
    rank = pl.coalesce("shrunk_rate", "no_show_rate_low")
    return rates.sort(
        ["too_few", rank, *keys],
        descending=[False, True, *[False] * len(keys)],
        nulls_last=True,
        maintain_order=True,
    )


def _sort_key(grouping: Grouping) -> pl.Expr:
    key = pl.col(grouping.columns[0])
    return key.cast(pl.Enum(grouping.sequence)) if grouping.sequence else key
