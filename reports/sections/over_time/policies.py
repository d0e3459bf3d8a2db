"""The rate before and after each change of policy."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.measures.comparison import newcombe
from reports.drawing import words
from reports.scope.options import Policy
from reports.sections.headline.change import marked_and_no_shows


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
    n0, k0 = marked_and_no_shows(days.filter((day >= first) & (day < policy.date)))
    n1, k1 = marked_and_no_shows(days.filter((day >= policy.date) & (day < end)))
    found = newcombe(k1, n1, k0, n0)
    said = (words.rate_of(k0, n0), words.rate_of(k1, n1))
    if found is None:
        return BeforeAfter(policy.date, policy.what, *said, "Nothing marked on one side of the date: no comparison.")
    interval = f"{words.points(found.difference)} ({words.INTERVAL} {words.points_interval(found.low, found.high)})"
    verdict = f"Changed by {interval}." if found.is_clear else f"No clear change: {interval}."
    return BeforeAfter(policy.date, policy.what, *said, verdict)
