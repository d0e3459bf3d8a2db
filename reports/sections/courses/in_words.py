"""The sentences on the drop-off of courses, each with the condition that makes it true.

They name rates and claim no difference: the first, the last, and any between them that lie outside these two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say


@dataclass(frozen=True, slots=True)
class Number:
    """A session of a course by its number, over all courses: rate and interval are None if too few are marked."""

    number: int
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class DropOff:
    """The sessions with a rate, by number."""

    known: tuple[Number, ...]

    @property
    def peak(self) -> Number | None:
        """The session with the highest rate, if that is above both the first and the last."""
        highest = max(self.known, key=_rate)
        return highest if _rate(highest) > max(_rate(self.known[0]), _rate(self.known[-1])) else None

    @property
    def trough(self) -> Number | None:
        """The session with the lowest rate, if that is below both the first and the last."""
        lowest = min(self.known, key=_rate)
        return lowest if _rate(lowest) < min(_rate(self.known[0]), _rate(self.known[-1])) else None


def _rate(number: Number) -> float:
    return number.rate or 0.0


ENDS: Sequence[Sentence[DropOff]] = (
    Sentence(
        "Too few marked bookings to say how attendance changes from session to session.",
        lambda each: len(each.known) < 2,
    ),
    Sentence(
        "At session {first}, {first_rate} of the marked bookings are no-shows ({first_counts}); at session {last}, "
        "{last_rate} ({last_counts}).",
        lambda each: len(each.known) > 1,
    ),
)
BETWEEN: Sequence[Sentence[DropOff]] = (
    Sentence("", lambda each: len(each.known) < 2 or (each.peak is None and each.trough is None)),
    Sentence(
        " Between them, up to {peak_rate}, at session {peak} ({peak_counts}).",
        lambda each: len(each.known) > 1 and each.peak is not None and each.trough is None,
    ),
    Sentence(
        " Between them, as few as {trough_rate}, at session {trough} ({trough_counts}).",
        lambda each: len(each.known) > 1 and each.peak is None and each.trough is not None,
    ),
    Sentence(
        " Between them, from {trough_rate} at session {trough} ({trough_counts}) to {peak_rate} at session {peak} "
        "({peak_counts}).",
        lambda each: len(each.known) > 1 and each.peak is not None and each.trough is not None,
    ),
)


def drop_off_in_words(numbers: Sequence[Number]) -> str:
    """The rates at the first and the last session, and those between them that neither end shows."""
    found = DropOff(tuple(number for number in numbers if number.rate is not None))
    values: dict[str, str] = {}
    if found.known:
        ends = {"first": found.known[0], "last": found.known[-1], "peak": found.peak, "trough": found.trough}
        for name, number in ends.items():
            if number:
                values |= {name: str(number.number), f"{name}_rate": words.percent(number.rate)}
                values[f"{name}_counts"] = words.of(number.no_shows, number.marked)
    return say(found, ENDS, values) + say(found, BETWEEN, values)
