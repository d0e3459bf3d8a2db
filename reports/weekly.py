"""Rates by week and by day go in; the weekly course comes out, with its gaps, its partial weeks and its words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports import words

_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week from its Monday. The rate and its interval are None where too few bookings are marked to say.

    `partial` says why the week is not whole, or is None. `run` numbers the unbroken stretches of weeks with a rate.
    """

    monday: dt.date
    bookings: int
    marked: int
    no_shows: int
    rate: float | None
    low: float | None
    high: float | None
    coverage: float | None
    partial: str | None
    run: int


@dataclass(frozen=True, slots=True)
class WeeklyCourse:
    """Every week from the first to the last, those without bookings too; what there is to see, in words."""

    weeks: tuple[Week, ...]
    overall: float | None
    summary: str
    gaps: str | None
    partial: tuple[str, ...]

    @property
    def drawn(self) -> tuple[Week, ...]:
        """The weeks with a rate."""
        return tuple(week for week in self.weeks if week.rate is not None)


def weekly_course(
    by_week: pl.DataFrame, by_day: pl.DataFrame, overall: float | None, settled: dt.date, min_bookings: int
) -> WeeklyCourse:
    """The course of the rate over ISO weeks of the sessions' local start.

    `by_week` and `by_day` are rates by week and by day; every session before the local date `settled` is due.
    """
    weeks = _weeks(by_week, _partial_weeks(by_day, settled))
    return WeeklyCourse(
        weeks=weeks,
        overall=overall,
        summary=_summary(weeks, overall),
        gaps=_gaps(weeks, min_bookings),
        partial=tuple(f"{words.iso_week(week.monday)}: {week.partial}" for week in weeks if week.partial),
    )


def due_days(by_day: pl.DataFrame) -> list[dt.date]:
    """The local dates of sessions with a due booking, in order."""
    return sorted(by_day.filter(pl.col("bookings") > 0)["day"].to_list())


def _weeks(by_week: pl.DataFrame, partial: dict[dt.date, str]) -> tuple[Week, ...]:
    rows = {row["week"]: row for row in by_week.filter(pl.col("bookings") > 0).to_dicts()}
    weeks: list[Week] = []
    run = 0
    for monday in _mondays(sorted(rows)):
        week = _week(monday, rows.get(monday), partial.get(monday), run)
        run += week.rate is None
        weeks.append(week)
    return tuple(weeks)


def _mondays(known: Sequence[dt.date]) -> list[dt.date]:
    """Every Monday from the first known to the last."""
    if not known:
        return []
    return [known[0] + number * _WEEK for number in range((known[-1] - known[0]).days // 7 + 1)]


def _week(monday: dt.date, row: dict[str, Any] | None, partial: str | None, run: int) -> Week:
    if row is None:
        return Week(monday, 0, 0, 0, None, None, None, None, partial, run)
    rate, low, high = (
        (None, None, None)
        if row["too_few"]
        else (row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"])
    )
    counts = (row["bookings"], row["marked_bookings"], row["no_shows"])
    return Week(monday, *counts, rate, low, high, row["coverage"], partial, run)


def _partial_weeks(by_day: pl.DataFrame, settled: dt.date) -> dict[dt.date, str]:
    """The first and the last week where days of them are missing, each with the reason.

    A day is missing if the other weeks have sessions on days of the week before the first, or after the last one.
    """
    days = due_days(by_day)
    if not days:
        return {}
    first, last = days[0], days[-1]
    found: dict[dt.date, str] = {}
    if first.weekday() > min(_weekdays_elsewhere(days, first), default=7):
        found[_monday(first)] = f"records begin on {words.day(first, short=True)}"
    if last.weekday() < max(_weekdays_elsewhere(days, last), default=-1):
        found[_monday(last)] = f"records end on {words.day(last, short=True)}"
    if settled < _monday(last) + _WEEK:
        found[_monday(last)] = "not every session of it is due yet"
    return found


def _weekdays_elsewhere(days: Sequence[dt.date], chosen: dt.date) -> set[int]:
    return {day.weekday() for day in days if _monday(day) != _monday(chosen)}


def _monday(date: dt.date) -> dt.date:
    return date - dt.timedelta(days=date.weekday())


def _summary(weeks: Sequence[Week], overall: float | None) -> str:
    drawn = [week for week in weeks if week.rate is not None]
    if not weeks:
        return "No week has a due booking yet."
    if not drawn:
        return "No week has enough marked bookings for a rate; the counts are in the table."
    if len(drawn) == 1:
        return f"One week only has enough marked bookings for a rate: {_said(drawn[0])}. A course needs more."
    low, high = min(drawn, key=_rate), max(drawn, key=_rate)
    return (
        f"Over {words.plural(len(drawn), 'week')} the weekly rate lay between {_said(low)} and {_said(high)}; "
        f"overall it is {words.percent(overall)}."
    )


def _rate(week: Week) -> float:
    return week.rate if week.rate is not None else -1.0


def _said(week: Week) -> str:
    return (
        f"{words.percent(week.rate)} ({words.of(week.no_shows, week.marked)}, "
        f"week of {words.day(week.monday, short=True)})"
    )


def _gaps(weeks: Sequence[Week], min_bookings: int) -> str | None:
    gaps = sum(week.rate is None for week in weeks)
    if not gaps:
        return None
    return f"{words.plural(gaps, 'week')} with fewer than {words.plural(min_bookings, 'marked booking')} left as a gap."
