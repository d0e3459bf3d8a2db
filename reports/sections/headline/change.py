"""The rate of a period against that of another, with Newcombe's interval of the difference."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from queries.gathered import Period
from queries.measures.comparison import newcombe
from reports.drawing import words

# Without a period of its own a report compares its last four weeks with the four before.
_RECENT_DAYS = 28


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods: their dates in words, their rates with numerator and denominator, and the difference in words."""

    now: str
    before: str
    rate_now: str
    rate_before: str
    difference: float | None
    low: float | None
    high: float | None
    verdict: str


def comparison(now: Period, counts_now: tuple[int, int], before: Period, counts_before: tuple[int, int]) -> Comparison:
    """The change from one period to another; counts are (marked, no-shows)."""
    (n1, k1), (n0, k0) = counts_now, counts_before
    found = newcombe(k1, n1, k0, n0)
    said = (_dates(now), _dates(before), words.rate_of(k1, n1), words.rate_of(k0, n0))
    if found is None:
        empty = "this period" if not n1 else "the period before"
        return Comparison(*said, None, None, None, f"Nothing is marked in {empty}, so there is no comparison.")
    interval = f"{words.INTERVAL} {words.points_interval(found.low, found.high)}"
    verdict = f"{words.points(found.difference)} ({interval}): " + (
        "more than chance would explain." if found.is_clear else "no clear change, chance alone may explain it."
    )
    return Comparison(*said, found.difference, found.low, found.high, verdict)


def recent(settled: dt.date) -> Period:
    """The last four weeks in which every session is due."""
    return Period(settled - dt.timedelta(days=_RECENT_DAYS), settled - dt.timedelta(days=1))


def days_in(by_day: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The rates of the days within a period."""
    return by_day.filter(pl.col("day").is_between(period.first, period.last))


def marked_and_no_shows(rates: pl.DataFrame) -> tuple[int, int]:
    """Marked bookings and no-shows over all rows."""
    return int(rates["rated_bookings"].sum()), int(rates["missed_bookings"].sum())


def _dates(period: Period) -> str:
    return f"{words.day(period.first, short=True)} to {words.day(period.last, short=True)}"
