"""The groups that a report says stand out in made-up histories, in every look that it takes.

The histories are those of `regulars`, with a service, a member of staff, an hour and a location of each series.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl
from support.regulars import Scene, clusters, counts_by, drawn

from queries.measures.frequent import with_frequent
from queries.measures.group_verdicts import group_verdicts
from queries.measures.rates import with_rates
from queries.model.families import DAYPART, FAMILIES
from reports.sections.where.nesting import Standout
from reports.sections.where.standouts import Standouts, standouts_among

MONDAY = dt.date(2025, 1, 6)
_KEYS: Mapping[str, pl.Expr] = {
    "service": pl.col("series") % 4,
    "staff": pl.col("series") % 6,
    "local_hour": 8 + pl.col("series") % 12,
}


def standing_out(scene: Scene, seed: int, others_after: bool = False) -> Standouts:
    """The groups that stand out in a history, from the product's own functions.

    With `others_after` the halves of the time are counted as if all others booked in the second.
    """
    bookings = drawn(scene, seed).with_columns(**_KEYS)
    clustering = clusters(bookings)
    by = {
        family: with_frequent(
            with_rates(counts_by(bookings, family), clustering).select(
                pl.col("name").alias(f"{family}_id"), pl.col("name").alias(family), pl.exclude("name")
            ),
            10,
            clustering,
        )
        for family in FAMILIES
    }
    weeks = pl.concat([_weeks(bookings, family) for family in (*FAMILIES, DAYPART)], how="diagonal")
    verdicts = group_verdicts(by, (), clustering, 10)
    return standouts_among(verdicts, by, weeks, clustering, 10, _halves(bookings, others_after))


def kind_of(group: Standout) -> str:
    """The look that a group was found by."""
    return DAYPART if group.family == DAYPART else "last 26 weeks" if group.lately else "whole time"


def _named(family: str) -> pl.Expr:
    return pl.format(f"{family} {{}}", family)


def _weeks(bookings: pl.DataFrame, family: str) -> pl.DataFrame:
    keys = {"location_id": _named("location"), "local_hour": pl.col("local_hour")}
    keys = keys if family == DAYPART else {f"{family}_id": _named(family)}
    week = pl.lit(MONDAY) + pl.duration(weeks=pl.col("week"))
    sessions = bookings.group_by(**keys, week=week, session="session").agg(
        n=pl.len().cast(pl.Int64), y=pl.col("missed").sum()
    )
    sums = {"bookings": pl.col("n").sum(), "rated_bookings": pl.col("n").sum(), "missed_bookings": pl.col("y").sum()}
    return (
        sessions.group_by(*keys, "week")
        .agg(**sums, session_squares=(pl.col("n") ** 2).sum())
        .with_columns(
            family=pl.lit(family), location=pl.col("location_id") if family == DAYPART else pl.lit(None, pl.String)
        )
    )


def _halves(bookings: pl.DataFrame, others_after: bool) -> pl.DataFrame:
    half = (int(bookings["week"].max()) + 2) // 2  # type: ignore[arg-type]
    frames = []
    for family in (None, *FAMILIES):
        keys = {f"{family}_id": _named(family)} if family else {}
        each = bookings.group_by("contact", **keys).agg(
            b=(pl.col("week") < half).sum().cast(pl.Int64), a=(pl.col("week") >= half).sum().cast(pl.Int64)
        )
        b, a = pl.col("b"), pl.col("a")
        sums = {"rated_before": b, "rated_after": a, "squares_before": b * b, "squares_after": a * a, "products": a * b}
        totals = [value.sum().alias(name) for name, value in sums.items()]
        if others_after:
            totals[-1] = pl.lit(0, pl.Int64).alias("products")
        made = each.group_by(*keys).agg(totals) if keys else each.select(totals)
        frames.append(made.with_columns(family=pl.lit(family, pl.String)))
    return pl.concat(frames, how="diagonal")
