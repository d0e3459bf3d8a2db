"""The course of the rate over periods: its points and its findings, as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from queries.measures.change_verdict import ChangeVerdict
from reports.drawing import words
from reports.sections.over_time.policies import BeforeAfter, all_policies_in_words

FEWEST_DRAWN = 2
# So many periods in a row without a rate are drawn as one: a course of one term a year would be a barcode.
LONG_GAP = 3
# On a narrow chart, of 264 pixels, dots for more periods lie on top of each other.
MOST_DOTS = 130


# Side of the centre -> the signal of a period outside the limits.
OUTSIDE = {1: "above the limits", -1: "below the limits"}


@dataclass(frozen=True, slots=True)
class Point:
    """One week (from its Monday) or month. Rate, interval and limits are None if too few bookings are marked.

    `in_register` of the `registered` bookings of sources that record both sides are marked: `coverage`.
    `limit_low` and `limit_high` are those of the p' chart; `signal` says how the point breaks them, or is None.
    `partial` says why the period is not whole, or is None. `run` numbers the unbroken stretches of periods with a rate.
    """

    start: dt.date
    label: str
    bookings: int | None
    marked: int | None
    no_shows: int | None
    rate: float | None
    low: float | None
    high: float | None
    limit_low: float | None
    limit_high: float | None
    coverage: float | None
    signal: str | None
    partial: str | None
    run: int
    in_register: int | None = None
    registered: int | None = None

    @property
    def is_outside(self) -> bool:
        """Whether its rate lies outside the limits, and is drawn as a diamond; runs on one side have no mark."""
        return self.signal in OUTSIDE.values()

    @property
    def name(self) -> str:
        """The period within a sentence: a month, or the week of 5 Jan 2026, whose label is an ISO week."""
        is_week = self.label == words.iso_week(self.start)
        return f"the week of {words.day(self.start, short=True)}" if is_week else self.label


def stretches(points: Sequence[Point]) -> Iterator[tuple[int, bool]]:
    """Each stretch of periods with a rate, or without one: its length, and whether it is a gap drawn as one period."""
    for has_rate, stretch in groupby(points, key=lambda point: point.rate is not None):
        length = len(list(stretch))
        yield length, not has_rate and length >= LONG_GAP


@dataclass(frozen=True, slots=True)
class Course:
    """Every period from the first to the last, also those without bookings, and the findings in words.

    `unit` is week or month. `signals` are those of the chart in words, empty with too few periods. `change` is the
    verdict on whether the rate changed, and `change_in_words` its sentence, which all other parts of the report repeat;
    `title` is the short form, the title of the chart.
    `design_effect` is that of the periods in this verdict: sessions by themselves, contacts by how differently they
    book in both halves of the time. None without a period that has a rate.
    """

    unit: str
    points: tuple[Point, ...]
    overall: float | None
    sigma_z: float | None
    has_verdict: bool
    signals: str
    summary: str
    gaps: str | None
    partial: tuple[str, ...]
    change: ChangeVerdict
    change_in_words: str
    policies: tuple[BeforeAfter, ...]
    design_effect: float | None = None
    title: str = ""

    @property
    def policies_title(self) -> str:
        """The finding on all changes of policy."""
        return all_policies_in_words(self.policies)

    @property
    def can_be_drawn(self) -> bool:
        """Whether there is anything to draw: at least two periods with a rate."""
        return len(self.drawn) >= FEWEST_DRAWN

    @property
    def is_long(self) -> bool:
        """Whether it has so many periods with a rate that dots would be a scribble on a narrow page."""
        return len(self.drawn) > MOST_DOTS

    @property
    def has_signals(self) -> bool:
        """Whether any period is drawn as a diamond."""
        return any(point.is_outside for point in self.drawn)

    @property
    def has_band(self) -> bool:
        """Whether the usual range of any period has a width to be drawn."""
        return any(point.limit_low != point.limit_high for point in self.drawn)

    @property
    def drawn(self) -> tuple[Point, ...]:
        """The periods with a rate."""
        return tuple(point for point in self.points if point.rate is not None)
