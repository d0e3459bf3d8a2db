"""Rates of two periods go in; the change between them, with Newcombe's interval and in words, comes out. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from queries.errors import UsageError
from queries.gathered import Period
from queries.measures.comparison import newcombe
from queries.model.vocabularies import PERIODS_COMPARED
from reports import words

# Without a period of its own a report tells its last four weeks against those before them.
_DAYS = 28
# A year back that falls on the same days of the week.
_YEAR = 364


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


def period_between(first: dt.date | None, last: dt.date | None, settled: dt.date) -> Period | None:
    """The period of `--from` and `--to`; an open end is the last settled day, an open start the year 2000.

    Raises `UsageError` where it ends before it begins.
    """
    if first is None and last is None:
        return None
    period = Period(first or dt.date(2000, 1, 1), last or settled - dt.timedelta(days=1))
    if period.last < period.first:
        raise UsageError(
            "period.backwards",
            f"the period from {period.first} to {period.last} ends before it begins",
            "Give --from a date before --to, and not in the future",
        )
    return period


def period_before(period: Period, compare: str) -> Period:
    """The period to compare with: the one of the same length just before, or a year (52 weeks) back.

    Raises `UsageError` where the two would overlap.
    """
    if compare not in PERIODS_COMPARED:
        raise UsageError(
            "compare.unknown", f"no comparison is called {compare!r}", f"Use {' or '.join(PERIODS_COMPARED)}"
        )
    if compare == "previous":
        return period.before(period.days)
    if period.days > _YEAR:
        raise UsageError(
            "compare.overlap",
            f"a period of {period.days} days and the one a year back would overlap",
            "Compare with `previous`, or choose at most 364 days",
        )
    return period.before(_YEAR)


def recent(settled: dt.date) -> Period:
    """The last four weeks in which every session is due."""
    return Period(settled - dt.timedelta(days=_DAYS), settled - dt.timedelta(days=1))


def days_in(by_day: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The rates of the days within a period."""
    return by_day.filter(pl.col("day").is_between(period.first, period.last))


def comparison(now: Period, counts_now: tuple[int, int], before: Period, counts_before: tuple[int, int]) -> Comparison:
    """The change from one period to another; counts are (marked, no-shows)."""
    (n1, k1), (n0, k0) = counts_now, counts_before
    found = newcombe(k1, n1, k0, n0)
    said = (_dates(now), _dates(before), _of(k1, n1), _of(k0, n0))
    if found is None:
        empty = "this period" if not n1 else "the period before"
        return Comparison(*said, None, None, None, f"Nothing is marked in {empty}, so there is no comparison.")
    interval = f"{words.INTERVAL} {words.points_interval(found.low, found.high)}"
    verdict = f"{words.points(found.difference)} ({interval}): " + (
        "more than chance would explain." if found.is_clear else "no clear change, chance alone may explain it."
    )
    return Comparison(*said, found.difference, found.low, found.high, verdict)


def _dates(period: Period) -> str:
    return f"{words.day(period.first, short=True)} to {words.day(period.last, short=True)}"


def _of(k: int, n: int) -> str:
    return f"{words.percent(k / n)} ({words.of(k, n)})" if n else "nothing marked"
