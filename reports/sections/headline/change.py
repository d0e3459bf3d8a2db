"""The rate of a period against that of another, with Newcombe's interval of the difference."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from queries.gathered import Period
from queries.measures.between_periods import BetweenPeriods
from queries.measures.comparison import Difference
from queries.measures.differences import DifferenceVerdict, Rated, difference_between
from queries.model.stretches import Stretches
from reports.drawing import words
from reports.drawing.sentences import Sentence, difference_values, say
from reports.scope.circumstances import Circumstances
from reports.scope.period import period_before

# Without a period of its own a report compares its last four weeks with the four before.
_RECENT_DAYS = 28
# The name of that comparison among `Needs.stretches`.
LATEST_WEEKS = "latest"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two periods: their dates in words, their rates with numerator and denominator and without, and the difference.

    `change` is the verdict on periods that the user chose. Of the last four weeks it is None: whether the rate changed
    is one question for all weeks, and the section over time answers it. `verdict` says the difference in words.
    `is_too_small` says that the periods have too few bookings to show a difference that matters, and show none.
    """

    now: str
    before: str
    rate_now: str
    rate_before: str
    percent_now: str
    percent_before: str
    difference: Difference | None
    change: DifferenceVerdict | None
    verdict: str
    is_too_small: bool = False


SENTENCES: Sequence[Sentence[DifferenceVerdict]] = (
    Sentence("{points} ({interval}): more than chance would explain.", lambda each: each.answer == "found"),
    Sentence(
        "{points} ({interval}): too little to distinguish the two. A difference of {detectable} would be found four "
        "times out of five.",
        lambda each: each.answer == "not found",
    ),
    Sentence(
        "Nothing is marked in one of the two periods, so there is no comparison.",
        lambda each: each.answer == "not tested",
    ),
)
# The last four weeks beside those before: no claim of their own.
LATEST: Sequence[Sentence[DifferenceVerdict]] = (
    Sentence("{points} ({interval}).", lambda each: each.answer == "not found" and each.is_telling),
    Sentence(
        "{points} ({interval}): four weeks have too few bookings to compare.",
        lambda each: each.answer == "not found" and not each.is_telling,
    ),
    Sentence(
        "{points} ({interval}). Of two periods without a change, one pair in twenty has a likely range that leaves "
        "out 0.",
        lambda each: each.answer == "found",
    ),
    SENTENCES[-1],
)


def comparison(now: Period, counts_now: Rated, before: Period, counts_before: Rated) -> Comparison:
    """The difference of a period that the user chose from another, and whether it is found."""
    verdict = difference_between(counts_now, counts_before)
    return _compared(now, counts_now, before, counts_before, verdict, SENTENCES)


def latest(now: Period, counts_now: Rated, before: Period, counts_before: Rated) -> Comparison:
    """The difference of the last four weeks from those before, with its interval and no verdict of its own."""
    verdict = difference_between(counts_now, counts_before)
    return replace(_compared(now, counts_now, before, counts_before, verdict, LATEST), change=None)


def _compared(
    now: Period,
    counts_now: Rated,
    before: Period,
    counts_before: Rated,
    verdict: DifferenceVerdict,
    sentences: Sequence[Sentence[DifferenceVerdict]],
) -> Comparison:
    decimals = words.decimals_beside(counts_now.rate, counts_before.rate) if verdict.difference else 1
    return Comparison(
        now=_dates(now),
        before=_dates(before),
        rate_now=words.rate_of(counts_now.missed, counts_now.rated, decimals),
        rate_before=words.rate_of(counts_before.missed, counts_before.rated, decimals),
        percent_now=_percent(counts_now),
        percent_before=_percent(counts_before),
        difference=verdict.difference,
        change=verdict,
        verdict=say(verdict, sentences, difference_values(verdict.difference, verdict.detectable)),
        is_too_small=verdict.answer == "not found" and not verdict.is_telling,
    )


def _percent(counts: Rated) -> str:
    return words.percent(counts.rate if counts.rated else None)


def recent(settled: dt.date) -> Period:
    """The last four weeks in which every session is due."""
    return Period(settled - dt.timedelta(days=_RECENT_DAYS), settled - dt.timedelta(days=1))


def days_in(by_day: pl.DataFrame, period: Period) -> pl.DataFrame:
    """The rates of the days within a period."""
    return by_day.filter(pl.col("day").is_between(period.first, period.last))


def rated_over(rates: pl.DataFrame, between: BetweenPeriods) -> Rated:
    """The bookings of all rows as one side of a comparison; rows share no session, as those of days do not."""
    rated, missed, squares = (rates[name] for name in ("rated_bookings", "missed_bookings", "session_squares"))
    n = int(rated.sum())
    effect = between.effect(n, None if squares.has_nulls() else int(squares.sum()))
    return Rated(n, int(missed.sum()), effect)


def stretches_of_latest(about: Circumstances) -> dict[str, Stretches]:
    """The last four weeks and those before, which a report without a period compares; none in a shared report."""
    if about.options.share or (about.period and about.before):
        return {}
    now = recent(about.settled)
    before = period_before(now, about.options.compare)
    return {LATEST_WEEKS: Stretches((before.first, before.last), (now.first, now.last))}


def _dates(period: Period) -> str:
    return f"{words.day(period.first, short=True)} to {words.day(period.last, short=True)}"
