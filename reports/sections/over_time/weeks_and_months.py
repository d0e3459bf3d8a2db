"""Weeks and months: their starts, their labels, and which of them are partial."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from reports.drawing import words

# So many months with a first day only are not an accident.
_FEWEST_TOTALS = 3
_DAY = dt.timedelta(days=1)


def due_days(by_day: pl.DataFrame) -> list[dt.date]:
    """The local dates of sessions with a due booking, in order."""
    return sorted(by_day.filter(pl.col("bookings") > 0)["day"].to_list())


def are_monthly_totals(days: Sequence[dt.date]) -> bool:
    """Whether the records have one day a month, its first: a source that is summed by month has no other dates."""
    return len(days) >= _FEWEST_TOTALS and all(day.day == 1 for day in days)


def is_by_month(by_day: pl.DataFrame) -> bool:
    """Whether the records are monthly totals, from counts by day: their weekdays and hours mean nothing."""
    return are_monthly_totals(due_days(by_day))


def week_start(date: dt.date) -> dt.date:
    """The Monday of a date's ISO week."""
    return date - dt.timedelta(days=date.weekday())


def month_start(date: dt.date) -> dt.date:
    """The first day of a date's month."""
    return date.replace(day=1)


# The start of the period that a date falls in, by unit.
START: Mapping[str, Callable[[dt.date], dt.date]] = {"week": week_start, "month": month_start}
LABEL: Mapping[str, Callable[[dt.date], str]] = {
    "week": words.iso_week,
    "month": lambda start: f"{words.month(start)} {start.year}",
}


def next_start(unit: str, start: dt.date) -> dt.date:
    """The start of the next week or month."""
    return start + 7 * _DAY if unit == "week" else (start + 31 * _DAY).replace(day=1)


def every_start(unit: str, known: Sequence[dt.date]) -> list[dt.date]:
    """Every start from the first known to the last, also of periods without bookings."""
    starts: list[dt.date] = []
    while known and (not starts or starts[-1] < max(known)):
        starts.append(next_start(unit, starts[-1]) if starts else min(known))
    return starts


def partial_periods(by_day: pl.DataFrame, unit: str, settled: dt.date) -> dict[dt.date, str]:
    """The first and the last period, if days of them are missing, each with the reason.

    A day is missing if other periods have sessions on its day of the week, and the records begin after it or end
    before. Example: sessions on Mondays and Fridays, records from Friday 9 January on. Monday the 5th is missing, so
    the week is partial; with sessions on Fridays only it would be whole. Monthly totals have no days to miss.
    """
    days = due_days(by_day)
    if not days:
        return {}
    if unit == "month" and are_monthly_totals(days):
        return {}
    first, last = days[0], days[-1]
    start, end = START[unit](first), next_start(unit, START[unit](last))
    found: dict[dt.date, str] = {}
    if _held(days, unit, first) & {date.weekday() for date in _dates(start, first)}:
        found[start] = f"records begin on {words.day(first, short=True)}"
    if _held(days, unit, last) & {date.weekday() for date in _dates(last + _DAY, end)}:
        found[START[unit](last)] = f"records end on {words.day(last, short=True)}"
    if settled < end:
        found[START[unit](last)] = "not every session of it is over yet"
    return found


def _held(days: Sequence[dt.date], unit: str, chosen: dt.date) -> set[int]:
    """The days of the week that other periods have sessions on."""
    return {day.weekday() for day in days if START[unit](day) != START[unit](chosen)}


def _dates(first: dt.date, end: dt.date) -> list[dt.date]:
    return [first + number * _DAY for number in range((end - first).days)]
