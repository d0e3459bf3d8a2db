"""The sentences about change, each with the condition that makes it true.

All that a report says of change comes from one verdict (`queries.measures.change`) through one of these rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from queries.measures.change_verdict import ChangeFound, ChangeNotFound, ChangeNotTested, ChangeVerdict
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.over_time.weeks_and_months import next_start

_SEASON_UNKNOWN = " With less than two years of records, a yearly season would look the same."


def _is(shape: str, *, has_season: bool) -> Callable[[ChangeVerdict], bool]:
    return lambda each: isinstance(each, ChangeFound) and (each.shape, each.has_season) == (shape, has_season)


def _lacks(missing: str) -> Callable[[ChangeVerdict], bool]:
    return lambda each: isinstance(each, ChangeNotTested) and each.missing == missing


def _is_steady(each: ChangeVerdict) -> bool:
    return isinstance(each, ChangeNotFound) and each.is_telling


def _is_unseen(each: ChangeVerdict) -> bool:
    return isinstance(each, ChangeNotFound) and not each.is_telling


def _is_beyond_the_rate(each: ChangeVerdict) -> bool:
    """Whether the rate could not fall by a change that would be found: by 31 points from 15 %."""
    return isinstance(each, ChangeNotFound) and each.detectable >= each.rate


SENTENCES: Sequence[Sentence[ChangeVerdict]] = (
    Sentence(
        "The rate {rose} from {before} ({outside}) to {after} ({inside}) {since}: {difference}." + _SEASON_UNKNOWN,
        _is("step", has_season=False),
    ),
    Sentence(
        "The rate {rose} {since} and has stayed {higher}: {after} ({inside}), with {before} expected at the same "
        "time of year; {difference}.",
        _is("step", has_season=True),
    ),
    Sentence(
        "The rate was {higher} for {length}, {span}: {after} ({inside}), against {before} ({outside}) before and "
        "after; {difference}. That has ended." + _SEASON_UNKNOWN,
        _is("spell", has_season=False),
    ),
    Sentence(
        "The rate was {higher} for {length}, {span}: {after} ({inside}), with {before} expected at the same time of "
        "year; {difference}. That has ended.",
        _is("spell", has_season=True),
    ),
    Sentence(
        "The rate has {risen} steadily, from about {before} to about {after} over {length}: {difference}."
        + _SEASON_UNKNOWN,
        _is("trend", has_season=False),
    ),
    Sentence(
        "The rate has {risen} steadily, from about {before} to about {after} over {length}, allowing for the season: "
        "{difference}.",
        _is("trend", has_season=True),
    ),
    Sentence(
        "No change of the rate was found. A lasting change of {detectable} halfway through would have been found four "
        "times out of five.",
        _is_steady,
    ),
    Sentence(
        "There are too few bookings to say whether the rate changed: only a lasting change of {detectable} or more "
        "halfway through would have been found four times out of five.",
        lambda each: _is_unseen(each) and not _is_beyond_the_rate(each),
    ),
    Sentence(
        "There are too few bookings to say whether the rate changed: even a lasting fall to nothing halfway through "
        "would not have been found four times out of five.",
        lambda each: _is_unseen(each) and _is_beyond_the_rate(each),
    ),
    Sentence(
        "Whether the rate changed was not tested: that takes {needed} with a rate, and there {are}.",
        _lacks("periods"),
    ),
    Sentence(
        "Whether the rate changed was not tested: all of the bookings have the same outcome.",
        _lacks("outcomes"),
    ),
    Sentence(
        "Whether the rate changed was not tested: {units} with few no-shows are withheld.",
        _lacks("counts"),
    ),
)
# The same verdicts as the title of the chart.
TITLES: Sequence[Sentence[ChangeVerdict]] = (
    Sentence("The rate {rose} {since}", lambda each: _has_shape(each, "step")),
    Sentence("The rate was {higher} {span}, which has ended", lambda each: _has_shape(each, "spell")),
    Sentence("The rate has {risen} steadily", lambda each: _has_shape(each, "trend")),
    Sentence("No change of the rate was found", _is_steady),
    Sentence(
        "Too few bookings to say whether the rate changed by less than {detectable}",
        lambda each: _is_unseen(each) and not _is_beyond_the_rate(each),
    ),
    Sentence(
        "Too few bookings to say whether the rate changed",
        lambda each: _is_unseen(each) and _is_beyond_the_rate(each),
    ),
    Sentence("Too few {units} with marks to test whether the rate changed", _lacks("periods")),
    Sentence("All bookings have the same outcome, so no change was tested", _lacks("outcomes")),
    Sentence("Too many {units} are withheld to test whether the rate changed", _lacks("counts")),
)


def _has_shape(each: ChangeVerdict, shape: str) -> bool:
    return isinstance(each, ChangeFound) and each.shape == shape


def title_of(verdict: ChangeVerdict, starts: Sequence[dt.date], unit: str) -> str:
    """The verdict as a title; `starts` are those of the periods, `unit` is week or month."""
    return say(verdict, TITLES, _values(verdict, starts, unit))


def change_in_words(verdict: ChangeVerdict, starts: Sequence[dt.date], unit: str) -> str:
    """The verdict as a sentence; `starts` are those of the periods, `unit` is week or month."""
    return say(verdict, SENTENCES, _values(verdict, starts, unit))


def _values(verdict: ChangeVerdict, starts: Sequence[dt.date], unit: str) -> Mapping[str, Any]:
    if isinstance(verdict, ChangeNotFound):
        return {"detectable": words.points(verdict.detectable).removeprefix("+")}
    if isinstance(verdict, ChangeNotTested):
        number = verdict.periods
        return {
            "units": f"{unit}s",
            "needed": words.plural(verdict.needed, unit),
            "are": {0: "are none", 1: "is 1"}.get(number, f"are {words.count(number)}"),
        }
    rises, found = verdict.rises, verdict.difference
    interval = f"{words.RANGE} {words.points_interval(found.low, found.high)}"
    return {
        "rose": "rose" if rises else "fell",
        "risen": "risen" if rises else "fallen",
        "higher": "higher" if rises else "lower",
        "before": words.percent(verdict.before),
        "after": words.percent(verdict.after),
        "outside": words.of(verdict.outside[1], verdict.outside[0]),
        "inside": words.of(verdict.inside[1], verdict.inside[0]),
        "difference": f"{words.points(found.difference)} ({interval})",
        "since": since(starts[verdict.first], unit),
        "length": words.plural(verdict.end - verdict.first, unit),
        "span": _span(starts[verdict.first], starts[verdict.end - 1], unit),
    }


def since(start: dt.date, unit: str) -> str:
    """Since March 2026, or since the week of 2 March 2026."""
    return f"since {words.month(start)} {start.year}" if unit == "month" else f"since the week of {words.day(start)}"


def _span(first: dt.date, last: dt.date, unit: str) -> str:
    """From 2 March 2026 to 12 April 2026, both included; of months from March 2026 to April 2026."""
    if unit == "month":
        return f"from {words.month(first)} {first.year} to {words.month(last)} {last.year}"
    return f"from {words.day(first)} to {words.day(next_start(unit, last) - dt.timedelta(days=1))}"
