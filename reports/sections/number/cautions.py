"""Cautions that stand above the number: the records are old, or they are sums without weekdays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.over_time.weeks_and_months import are_monthly_totals, due_days
from reports.sections.section import Inputs

# Records that end so long before the moment of the report say little about this week.
_LONG_AGO = dt.timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Records:
    """The days with due bookings, in order, the first day that is not settled, and the bookings that come from sums.

    `is_chosen` says that the user asked for a period, which may well have ended. `summed` of `bookings` stand in rows
    for several each, 0 if that is not known.
    """

    days: Sequence[dt.date]
    settled: dt.date
    is_chosen: bool = False
    summed: int = 0
    bookings: int = 0

    @property
    def are_old(self) -> bool:
        """Whether the last session was long before the moment of the report."""
        return bool(self.days) and not self.is_chosen and self.days[-1] < self.settled - _LONG_AGO

    @property
    def are_sums(self) -> bool:
        """Whether all bookings stand in rows for several."""
        return self.bookings > 0 and self.summed == self.bookings

    @property
    def are_monthly(self) -> bool:
        """Whether the records have one day a month, so that days of the week mean nothing."""
        return are_monthly_totals(self.days)

    @property
    def last_in_words(self) -> str:
        """The last day, of monthly totals its month: December's are dated the first. Empty without any."""
        if not self.days:
            return ""
        last = self.days[-1]
        return f"{words.month(last)} {last.year}" if self.are_monthly else words.day(last)


OLD: Sequence[Sentence[Records]] = (
    Sentence("", lambda each: not each.are_old),
    Sentence("No records since {last}.", lambda each: each.are_old and not each.are_monthly),
    Sentence("No records after {last}.", lambda each: each.are_old and each.are_monthly),
)
SUMS: Sequence[Sentence[Records]] = (
    Sentence("", lambda each: not each.are_sums and not each.are_monthly),
    Sentence("All records are sums of several bookings.", lambda each: each.are_sums and not each.are_monthly),
    Sentence(
        "All records are monthly totals, so the day of the week is unknown.",
        lambda each: each.are_sums and each.are_monthly,
    ),
    Sentence(
        "All records are dated the first of a month, so the day of the week is unknown.",
        lambda each: not each.are_sums and each.are_monthly,
    ),
)


def cautions(inputs: Inputs) -> tuple[str, ...]:
    """The cautions of a report, none if there is nothing to say."""
    return cautions_of(records_of(inputs))


def records_of(inputs: Inputs) -> Records:
    """The records of a report."""
    frames, about = inputs.frames, inputs.about
    summed, bookings = _summed(frames.rows.get("regimes"))
    days = due_days(frames.by["day"])
    return Records(days, about.settled, about.period is not None, summed, bookings)


def cautions_of(records: Records) -> tuple[str, ...]:
    """The cautions about some records."""
    values = {"last": records.last_in_words}
    return tuple(said for rows in (OLD, SUMS) if (said := say(records, rows, values)))


def _summed(regimes: pl.DataFrame | None) -> tuple[int, int]:
    if regimes is None or "summed_bookings" not in regimes.columns or regimes["summed_bookings"].has_nulls():
        return 0, 0
    return int(regimes["summed_bookings"].sum()), int(regimes["bookings"].sum())
