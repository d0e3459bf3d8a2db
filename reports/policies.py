"""Rates by day and dates of changed policies go in; the rate before and after each comes out, and if it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.measures.comparison import newcombe
from reports import words
from reports.options import Policy
from reports.sharing import told


@dataclass(frozen=True, slots=True)
class BeforeAfter:
    """The rate before and after a change of policy, and how surely they differ."""

    date: dt.date
    what: str
    before: str
    after: str
    verdict: str


def policies_of(by_day: pl.DataFrame, policies: Sequence[Policy], share: bool) -> tuple[BeforeAfter, ...]:
    """Each policy from the one before it (else the first day) to the next one (else the last day)."""
    days = by_day.filter(pl.col("bookings") > 0)
    dates = [policy.date for policy in policies]
    edges = zip(policies, [dt.date.min, *dates], [*dates[1:], dt.date.max], strict=False)
    return tuple(_before_after(days, policy, first, end, share) for policy, first, end in edges)


def _before_after(days: pl.DataFrame, policy: Policy, first: dt.date, end: dt.date, share: bool) -> BeforeAfter:
    day = pl.col("day")
    before = counted(days.filter((day >= first) & (day < policy.date)), share)
    after = counted(days.filter((day >= policy.date) & (day < end)), share)
    if before is None or after is None:
        return BeforeAfter(policy.date, policy.what, "–", "–", "Too few to be told.")
    (n0, k0), (n1, k1) = before, after
    found = newcombe(k1, n1, k0, n0)
    said = (_of(k0, n0), _of(k1, n1))
    if found is None:
        return BeforeAfter(policy.date, policy.what, *said, "Nothing marked on one side of the date: no comparison.")
    interval = f"{words.points(found.difference)} ({words.INTERVAL} {words.points_interval(found.low, found.high)})"
    verdict = f"Changed by {interval}." if found.is_clear else f"No clear change: {interval}."
    return BeforeAfter(policy.date, policy.what, *said, verdict)


def counted(rates: pl.DataFrame, share: bool = False) -> tuple[int, int] | None:
    """Marked bookings and no-shows over all rows; for sharing rounded, None where one of them is too small to tell."""
    counts = int(rates["marked_bookings"].sum()), int(rates["no_shows"].sum())
    if not share:
        return counts
    marked, no_shows = map(told, counts)
    return None if marked is None or no_shows is None else (marked, no_shows)


def _of(k: int, n: int) -> str:
    return f"{words.percent(k / n)} ({words.of(k, n)})" if n else "nothing marked"
