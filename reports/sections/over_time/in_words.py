"""The chart of the course in words, each sentence with the condition that makes it true.

Its signals, its lowest and highest points, its gaps. Whether the rate changed is another question (`change_words`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.change_verdict import ChangeVerdict
from queries.measures.control_chart import ControlChart
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.over_time.course import Point, stretches

# So many points outside the limits are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of a chart: points outside the limits and runs in words; and the verdict on change beside them."""

    has_verdict: bool
    outside: tuple[Point, ...]
    runs: tuple[str, ...]
    change: ChangeVerdict

    @property
    def are_unexplained(self) -> bool:
        """Whether the chart has signals though no change was found, which needs a word of explanation."""
        return bool(self.outside or self.runs) and self.change.answer != "found"


SIGNALS: Sequence[Sentence[Signals]] = (
    Sentence("", lambda each: not each.has_verdict),
    Sentence(
        "On the chart every {unit} is within the usual range.",
        lambda each: each.has_verdict and not each.outside and not each.runs,
    ),
    Sentence(
        "On the chart: {outside}.",
        lambda each: each.has_verdict and bool(each.outside) and not each.runs and not each.are_unexplained,
    ),
    Sentence(
        "On the chart: {outside}. A {unit} outside now and then is not a lasting change.",
        lambda each: each.has_verdict and bool(each.outside) and not each.runs and each.are_unexplained,
    ),
    Sentence(
        "On the chart: {runs}.",
        lambda each: each.has_verdict and not each.outside and bool(each.runs) and not each.are_unexplained,
    ),
    Sentence(
        "On the chart: {runs}. Such runs also come by chance and from a yearly season.",
        lambda each: each.has_verdict and not each.outside and bool(each.runs) and each.are_unexplained,
    ),
    Sentence(
        "On the chart: {outside}; {runs}.",
        lambda each: each.has_verdict and bool(each.outside) and bool(each.runs) and not each.are_unexplained,
    ),
    Sentence(
        "On the chart: {outside}; {runs}. Such signals also come by chance and from a yearly season.",
        lambda each: each.has_verdict and bool(each.outside) and bool(each.runs) and each.are_unexplained,
    ),
)


def signals(points: Sequence[Point], chart: ControlChart, unit: str, change: ChangeVerdict) -> str:
    """Whether points of the chart lie outside the limits or run on one side of the centre; empty with too few."""
    outside = tuple(point for point, on in zip(points, chart.points, strict=True) if on and on.outside)
    found = Signals(chart.has_verdict, outside, _runs(points, chart), change)
    named = [f"{point.name} ({words.percent(point.rate)})" for point in outside[:_NAMED]]
    more = [f"{len(outside) - _NAMED} more"] if len(outside) > _NAMED else []
    last = f"{'the last of them ' if len(found.runs) > 1 else ''}{found.runs[-1]}" if found.runs else ""
    values = {
        "unit": unit,
        "outside": f"{words.plural(len(outside), unit)} outside the usual range: {words.listed([*named, *more])}"
        if outside
        else "",
        "runs": f"{words.plural(len(found.runs), 'run')} of eight or more {unit}s on one side of the average, {last}",
    }
    return say(found, SIGNALS, values)


def _runs(points: Sequence[Point], chart: ControlChart) -> tuple[str, ...]:
    """Each run in words, such as `below it from the week of 12 Jan 2026 to the week of 16 Mar 2026`."""
    runs: list[tuple[int, list[Point]]] = []
    side = 0
    for point, on in zip(points, chart.points, strict=True):
        if on is None or on.side == 0:
            continue  # neither makes nor breaks a run
        if on.in_run and on.side == side:
            runs[-1][1].append(point)
        elif on.in_run:
            runs.append((on.side, [point]))
        side = on.side if on.in_run else 0
    return tuple(f"{'above' if side > 0 else 'below'} it from {run[0].name} to {run[-1].name}" for side, run in runs)


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of the course, those of them that have a rate, and whether counts of others are withheld."""

    every: tuple[Point, ...]
    drawn: tuple[Point, ...]

    @property
    def missing(self) -> int:
        """How many have no rate."""
        return len(self.every) - len(self.drawn)

    @property
    def has_long_gap(self) -> bool:
        """Whether so many in a row have no rate that the chart draws them as one."""
        return any(is_long_gap for _, is_long_gap in stretches(self.every))

    @property
    def is_even(self) -> bool:
        """Whether every period has a rate, and all the same."""
        return len({point.rate for point in self.drawn}) == 1 and not self.missing

    @property
    def is_withheld(self) -> bool:
        """Whether a period has no rate since its counts are withheld."""
        return any(point.no_shows is None for point in self.every)


SUMMARIES: Sequence[Sentence[Periods]] = (
    Sentence("No week has a past booking yet.", lambda each: not each.every),
    Sentence(
        "No {unit} has enough {counted}s for a rate; the counts are in the table.",
        lambda each: bool(each.every) and not each.drawn and not each.is_withheld,
    ),
    Sentence(
        "No {unit} has enough {counted}s for a rate that may be shared.",
        lambda each: bool(each.every) and not each.drawn and each.is_withheld,
    ),
    Sentence(
        "One {unit} only has a rate: {low}. A course needs more.",
        lambda each: len(each.drawn) == 1,
    ),
    Sentence(
        "In each of {drawn} the rate is {overall}.",
        lambda each: len(each.drawn) > 1 and not each.is_withheld and each.is_even,
    ),
    Sentence(
        "Over {drawn} the rate lay between {low} and {high}; overall it is {overall}.",
        lambda each: len(each.drawn) > 1 and not each.is_withheld and not each.is_even,
    ),
    Sentence(
        "Of {drawn} that may be shown the lowest rate is {low}, the highest {high}. Those with few no-shows are "
        "withheld; overall it is {overall}.",
        lambda each: len(each.drawn) > 1 and each.is_withheld,
    ),
)
GAPS: Sequence[Sentence[Periods]] = (
    Sentence("", lambda each: not each.missing),
    Sentence(
        "{missing} with {fewer} left as a gap.",
        lambda each: each.missing > 0 and not each.is_withheld and not each.has_long_gap,
    ),
    Sentence(
        "{missing} with {fewer} or with counts withheld left as a gap.",
        lambda each: each.missing > 0 and each.is_withheld and not each.has_long_gap,
    ),
    Sentence(
        "{missing} with {fewer} left as gaps, the long ones shortened.",
        lambda each: each.has_long_gap and not each.is_withheld,
    ),
    Sentence(
        "{missing} with {fewer} or with counts withheld left as gaps, the long ones shortened.",
        lambda each: each.has_long_gap and each.is_withheld,
    ),
)


def periods_of(points: Sequence[Point]) -> Periods:
    """The points of a course, and those of them with a rate."""
    return Periods(tuple(points), tuple(point for point in points if point.rate is not None))


def summary(points: Sequence[Point], overall: float | None, unit: str, counted: str = "marked booking") -> str:
    """The lowest and the highest rate, beside that over all."""
    periods = periods_of(points)
    values = {
        "unit": unit,
        "counted": counted,
        "drawn": words.plural(len(periods.drawn), unit),
        "low": _said(min(periods.drawn, key=_rate, default=None)),
        "high": _said(max(periods.drawn, key=_rate, default=None)),
        "overall": words.percent(overall),
    }
    return say(periods, SUMMARIES, values)


def _rate(point: Point) -> float:
    return point.rate if point.rate is not None else -1.0


def _said(point: Point | None) -> str:
    if point is None:
        return ""
    return f"{words.percent(point.rate)} ({words.of(point.no_shows, point.marked)}, {point.name})"


def gaps(points: Sequence[Point], min_bookings: int, unit: str, counted: str = "marked booking") -> str | None:
    """How many periods have no rate, and why; None if all have one."""
    periods = periods_of(points)
    values = {
        "missing": words.plural(periods.missing, unit),
        "fewer": f"fewer than {words.plural(min_bookings, counted)}",
    }
    return say(periods, GAPS, values) or None
