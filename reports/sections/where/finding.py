"""The groups that lose more than the others in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.section import Inputs
from reports.sections.where import content as where
from reports.sections.where.standouts import NO_STANDOUTS, Standouts


@dataclass(frozen=True, slots=True)
class Lost:
    """The groups that lose more, and whether all bookings have one outcome, so that no group can.

    `has_missed`: some booking was missed. `counted` is the noun for the denominator of the rates.
    """

    standouts: Standouts
    has_one_outcome: bool
    has_missed: bool = False
    counted: str = "marked booking"

    @property
    def number(self) -> int:
        """How many groups lose more."""
        return len(self.standouts.found)

    @property
    def is_untested(self) -> bool:
        """Whether no group was tested."""
        return not self.number and not self.standouts.tested


FINDINGS: Sequence[Sentence[Lost]] = (
    Sentence("Too few {counted}s to compare groups.", lambda each: each.is_untested and not each.has_one_outcome),
    Sentence(
        "Nobody missed a booking, so there is nothing to compare. Check that absences are marked at all.",
        lambda each: each.is_untested and each.has_one_outcome and not each.has_missed,
    ),
    Sentence(
        "Everybody missed their booking, so there is nothing to compare. Check that arrivals are marked at all.",
        lambda each: each.is_untested and each.has_one_outcome and each.has_missed,
    ),
    Sentence(
        "No group is found to lose more than the others.", lambda each: not each.number and each.standouts.tested > 0
    ),
    Sentence("More no-shows than elsewhere: {first}.", lambda each: each.number == 1),
    Sentence("More no-shows than elsewhere: {first} and {others}.", lambda each: each.number > 1),
)


def lost_in_words(lost: Lost) -> str:
    """The group that stands out most clearly, and how many others do."""
    values = {
        "first": lost.standouts.found[0].phrase if lost.number else "",
        "counted": lost.counted,
        "others": words.plural(max(0, lost.number - 1), "other group"),
    }
    return say(lost, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    standouts = inputs.content(where.standouts) or NO_STANDOUTS
    overall = headline.content(inputs)
    return lost_in_words(Lost(standouts, overall.has_one_outcome, bool(overall.missed_bookings), overall.one))
