"""The no-show rate in words: its definition, how sure it is, and the period before. At most 40 words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.headline.change import Comparison
from reports.sections.headline.figures import Headline
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Number:
    """The number that the report begins with, and the words that follow it."""

    title: str
    figure: str
    said: str


@dataclass(frozen=True, slots=True)
class Before:
    """The comparison with an earlier period, if there is one, and whether that is a year before."""

    comparison: Comparison | None
    is_year: bool

    @property
    def is_known(self) -> bool:
        """Whether both periods have a rate."""
        return self.comparison is not None and self.comparison.difference is not None

    @property
    def is_too_small(self) -> bool:
        """Whether the periods have too few bookings to compare."""
        return self.comparison is not None and self.comparison.is_too_small

    @property
    def answer(self) -> str | None:
        """The answer on periods that the user chose; None of the last four weeks, which have none of their own."""
        return self.comparison.change.answer if self.comparison and self.comparison.change else None


def _is_plain(each: Headline) -> bool:
    return each.is_rated and not each.is_presumed and not each.bounds_lead


def _may_move(each: Headline) -> bool:
    """Whether the unmarked bookings could take the rate out of its likely range."""
    if not _is_plain(each) or each.no_show_rate_low is None or each.no_show_rate_high is None:
        return False
    low, high = each.bound_low, each.bound_high
    return low is not None and high is not None and (low < each.no_show_rate_low or high > each.no_show_rate_high)


def _is_latest(each: Before) -> bool:
    return each.is_known and each.answer is None and not each.is_too_small


TITLES: Sequence[Sentence[Headline]] = (
    Sentence("No-show rate, possible range", lambda each: each.is_rated and each.bounds_lead),
    Sentence("No-show rate", lambda each: not (each.is_rated and each.bounds_lead)),
)
RATE: Sequence[Sentence[Headline]] = (
    Sentence("{sentence}", lambda each: not each.is_rated),
    Sentence(
        "of marked bookings are no-shows ({counts}): booked, not cancelled, marked as not attended.",
        _is_plain,
    ),
    Sentence(
        "of bookings are no-shows: booked, not cancelled, marked as not attended. {coverage} are marked; of those, "
        "{rate} ({counts}).",
        lambda each: each.is_rated and each.bounds_lead,
    ),
    Sentence(
        "of bookings are marked as not attended ({counts}, without the cancelled). The unmarked count as attended: if "
        "some stayed away, it is more.",
        lambda each: each.is_rated and each.is_presumed and each.limit == "at least",
    ),
    Sentence(
        "of bookings are no-shows ({counts}): not cancelled, not marked as attended. If some came unmarked, it is "
        "less.",
        lambda each: each.is_rated and each.is_presumed and each.limit == "at most",
    ),
    Sentence(
        "of bookings are no-shows ({counts}): not cancelled, marked as not attended or presumed so.",
        lambda each: each.is_rated and each.is_presumed and each.limit is None,
    ),
)
SURE: Sequence[Sentence[Headline]] = (
    Sentence(" {Interval}.", lambda each: _is_plain(each) and not _may_move(each)),
    Sentence(" {Interval}; unmarked included, {bounds}.", _may_move),
    # "At least 17.7 %" beside a range from 15.3 % would contradict itself.
    Sentence("", lambda each: each.is_rated and each.is_presumed and each.limit is not None),
    Sentence(" If that is right, {interval}.", lambda each: each.is_rated and each.is_presumed and each.limit is None),
    Sentence("", lambda each: not each.is_rated or each.bounds_lead),
)
BEFORE: Sequence[Sentence[Before]] = (
    Sentence("", lambda each: not each.is_known),
    Sentence(
        " Last four weeks {now}, four before {before}.",
        lambda each: _is_latest(each) and not each.is_year,
    ),
    Sentence(
        " Last four weeks {now}, year before {before}.",
        lambda each: _is_latest(each) and each.is_year,
    ),
    Sentence(
        " Last four weeks: too few to compare.",
        lambda each: each.is_known and each.answer is None and each.is_too_small,
    ),
    Sentence(" {period} {before}: more than chance.", lambda each: each.is_known and each.answer == "found"),
    Sentence(
        " {period} {before}: no difference found.",
        lambda each: each.answer == "not found" and not each.is_too_small,
    ),
    Sentence(
        " {period} {before}: too few to compare.",
        lambda each: each.answer == "not found" and each.is_too_small,
    ),
)
PERIODS: Sequence[Sentence[Before]] = (
    Sentence("Period before", lambda each: not each.is_year),
    Sentence("Year before", lambda each: each.is_year),
)


def content(inputs: Inputs) -> Number:
    """The section of a report."""
    before = Before(inputs.content(headline.change), inputs.about.options.compare == "year")
    return number_of(headline.content(inputs), before)


def number_of(overall: Headline, before: Before) -> Number:
    """The number and its words."""
    interval = words.interval(overall.no_show_rate_low, overall.no_show_rate_high)
    values = {
        "sentence": overall.sentence,
        "counts": words.of(overall.missed_bookings, overall.rated_bookings),
        "coverage": words.percent(overall.coverage),
        "rate": words.percent(overall.no_show_rate),
        "interval": f"{words.RANGE} {interval}",
        "Interval": f"{words.capital(words.RANGE)} {interval}",
        "bounds": words.interval(overall.bound_low, overall.bound_high),
        "now": before.comparison.percent_now if before.comparison else "",
        "before": before.comparison.percent_before if before.comparison else "",
        "period": say(before, PERIODS, {}),
    }
    said = say(overall, RATE, values) + say(overall, SURE, values)
    compared = say(before, BEFORE, values) if overall.is_rated else ""
    return Number(say(overall, TITLES, {}), overall.figure, said + compared)
