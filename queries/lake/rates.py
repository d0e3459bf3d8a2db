"""Counts and rates of a lake by groups, with the rows that `no_show_rates` returns for the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from queries.lake.conditions import condition
from queries.lake.counts import require_attributes, require_in_lake, rows_that_count
from queries.lake.engines import OpenLake
from queries.language.filters import EVERYTHING, Node, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.measures.clustering import clustering_of
from queries.measures.no_shows import ranked
from queries.model.groupings import Grouping, groupings_named
from queries.moments import as_of_instant


def lake_rates(
    opened: OpenLake,
    by: str | Sequence[str] = ("service",),
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    min_bookings: int | None = None,
) -> pl.DataFrame:
    """Counts and rates of each group, counted by the lake's engine; arguments, columns and order of `no_show_rates`.

    `min_bookings` is by default that of the lake's site. Raises `UsageError` also for groupings and filters by who
    booked, which a lake does not hold.
    """
    groupings = groupings_named(by)
    require_in_lake(*groupings)
    node = read_filter(BOOKED_SESSION, where)
    require_attributes(opened.lake.attributes, node, *groupings)
    rows = _rows(opened, node, as_of_instant(as_of))
    (clusters,) = opened.clusters(rows).to_dicts()
    enough = min_bookings or opened.lake.site.min_bookings
    return ranked(opened.counts(rows, groupings), groupings, enough, clustering_of(clusters))


def lake_counts(opened: OpenLake, groupings: Sequence[Grouping], node: Node, as_of: dt.datetime) -> pl.DataFrame:
    """Counts of each group as of an aware moment: the columns of `queries.measures.counts.counts`."""
    return opened.counts(_rows(opened, node, as_of), groupings)


def _rows(opened: OpenLake, node: Node, as_of: dt.datetime) -> nw.LazyFrame[Any]:
    rows = rows_that_count(opened.read(), as_of)
    return rows if node == EVERYTHING else rows.filter(condition(node))
