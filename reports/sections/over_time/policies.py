"""Rates by day and dates of changed policies go in; the rate before and after each comes out, and if it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.measures.comparison import newcombe
from reports.page import words
from reports.scope.options import Policy


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The rate before and after a change of policy, and how surely they differ."""

    date: dt.date
    what: str
    before: str
    after: str
    verdict: str


def policies_of(by_day: pl.DataFrame, policies: Sequence[Policy]) -> tuple[BeforeAfter, ...]:
    """Each policy from the one before it (else the first day) to the next one (else the last day)."""
    days = by_day.filter(pl.col("bookings") > 0)
    dates = [policy.date for policy in policies]
    edges = zip(policies, [dt.date.min, *dates], [*dates[1:], dt.date.max], strict=False)
    return tuple(_before_after(days, policy, first, end) for policy, first, end in edges)


def _before_after(days: pl.DataFrame, policy: Policy, first: dt.date, end: dt.date) -> BeforeAfter:
    day = pl.col("day")
    n0, k0 = counted(days.filter((day >= first) & (day < policy.date)))
    n1, k1 = counted(days.filter((day >= policy.date) & (day < end)))
    found = newcombe(k1, n1, k0, n0)
    said = (_of(k0, n0), _of(k1, n1))
    if found is None:
        return BeforeAfter(policy.date, policy.what, *said, "Nothing marked on one side of the date: no comparison.")
    interval = f"{words.points(found.difference)} ({words.INTERVAL} {words.points_interval(found.low, found.high)})"
    verdict = f"Changed by {interval}." if found.is_clear else f"No clear change: {interval}."
    return BeforeAfter(policy.date, policy.what, *said, verdict)


def counted(rates: pl.DataFrame) -> tuple[int, int]:
    """Marked bookings and no-shows over all rows."""
    return int(rates["marked_bookings"].sum()), int(rates["no_shows"].sum())


def _of(k: int, n: int) -> str:
    return f"{words.percent(k / n)} ({words.of(k, n)})" if n else "nothing marked"
