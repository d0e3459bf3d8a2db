"""How many of the marked bookings are no-shows, from session to session, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.courses import content as courses
from reports.sections.courses.in_words import Number
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Range:
    """The sessions with the lowest and the highest rate, None if fewer than two have a rate; who missed most of one.

    `last` is the last session with a rate.
    """

    ends: tuple[Number, Number] | None
    missed: int
    last: Number | None = None

    @property
    def hides_last(self) -> bool:
        """Whether the rate of the last session lies between both, so that neither says how the courses end."""
        return self.ends is not None and not self.is_even and self.last not in self.ends

    @property
    def may_be_chance(self) -> bool:
        """Whether the likely ranges of both rates overlap."""
        if self.ends is None or self.is_even:
            return False
        low, high = self.ends
        return low.high is None or high.low is None or low.high >= high.low

    @property
    def is_even(self) -> bool:
        """Whether both rates are written alike."""
        return self.ends is not None and words.percent(self.ends[0].rate) == words.percent(self.ends[1].rate)


RATES: Sequence[Sentence[Range]] = (
    Sentence("Too few marked bookings to compare the sessions of courses.", lambda each: each.ends is None),
    Sentence("At every session {low} of the marked bookings are no-shows.", lambda each: each.is_even),
    Sentence(
        "From {low} (session {low_at}) to {high} (session {high_at}) of the marked bookings are no-shows.",
        lambda each: each.ends is not None and not each.is_even and not each.hides_last,
    ),
    Sentence(
        "From {low} (session {low_at}) to {high} (session {high_at}) of the marked bookings are no-shows, {last} at "
        "the last (session {last_at}).",
        lambda each: each.hides_last,
    ),
)
# The lowest and the highest of many rates lie apart by chance as well.
CHANCE: Sequence[Sentence[Range]] = (
    Sentence("", lambda each: not each.may_be_chance),
    Sentence(" Their likely ranges overlap, so this may be chance.", lambda each: each.may_be_chance),
)
MISSED: Sequence[Sentence[Range]] = (
    Sentence("", lambda each: not each.missed),
    Sentence(" {missed} missed more than half of the sessions.", lambda each: each.missed > 0),
)


def range_of(numbers: Sequence[Number], missed: int) -> Range:
    """From the sessions by number and how many enrolments missed the majority; of equal rates the first session."""
    known = [number for number in numbers if number.rate is not None]
    ends = (min(known, key=_rate), max(known, key=_rate)) if len(known) > 1 else None
    return Range(ends, missed, known[-1] if known else None)


def _rate(number: Number) -> float:
    return number.rate or 0.0


def range_in_words(found: Range) -> str:
    """The lowest and the highest rate, and how many enrolments missed the majority."""
    low, high = found.ends or (None, None)
    values = {
        "low": words.percent(low.rate if low else None),
        "low_at": str(low.number) if low else "",
        "high": words.percent(high.rate if high else None),
        "high_at": str(high.number) if high else "",
        "last": words.percent(found.last.rate if found.last else None),
        "last_at": str(found.last.number) if found.last else "",
        "missed": words.plural(found.missed, "enrolment"),
    }
    return say(found, RATES, values) + say(found, CHANCE, values) + say(found, MISSED, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None without courses."""
    found = inputs.content(courses.content)
    return range_in_words(range_of(found.numbers, found.missed_total)) if found else None
