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
from reports.sections.where.verdict_words import is_slight

# So many groups are named, the others counted.
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Lost:
    """The groups that lose more, and whether all bookings have one outcome, so that no group can.

    `has_missed`: some booking was missed. `counted` is the noun for the denominator of the rates.
    `has_high`: a group has a badge that it loses more, though not clearly more than similar bookings.
    `is_comparable`: a difference of some group could have been found.
    """

    standouts: Standouts
    has_one_outcome: bool
    has_missed: bool = False
    counted: str = "marked booking"
    has_high: bool = False
    is_comparable: bool = True

    @property
    def is_clear(self) -> bool:
        """Whether groups were tested and none stands out."""
        return not self.number and self.standouts.tested > 0

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
        "No group is found to have more no-shows than the others.",
        lambda each: each.is_clear and each.is_comparable and not each.has_high,
    ),
    Sentence(
        "Some groups have more no-shows than the others, but none clearly more than similar bookings of others.",
        lambda each: each.is_clear and each.has_high,
    ),
    Sentence(
        "Too few similar bookings to compare groups.",
        lambda each: each.is_clear and not each.is_comparable and not each.has_high,
    ),
    Sentence("More no-shows than elsewhere: {first}.", lambda each: each.number == 1),
    Sentence("More no-shows than elsewhere: {named}.", lambda each: 1 < each.number <= _MOST_NAMED),
    Sentence("More no-shows than elsewhere: {named}; {others} more.", lambda each: each.number > _MOST_NAMED),
)


def lost_in_words(lost: Lost) -> str:
    """The groups that stand out most clearly, and how many others do."""
    # A location and its only service may have one name.
    phrases = [
        f"{each.mid_sentence if at else each.phrase}{' (slightly)' if is_slight(each.verdict) else ''}"
        for at, each in enumerate(lost.standouts.found[:_MOST_NAMED])
    ]
    phrases = list(dict.fromkeys(phrases))
    # Names of series have commas of their own.
    is_plain = lost.number <= _MOST_NAMED and not any("," in phrase for phrase in phrases)
    values = {
        "first": phrases[0] if phrases else "",
        "named": words.listed(phrases) if phrases and is_plain else "; ".join(phrases),
        "counted": lost.counted,
        "others": words.count(lost.number - _MOST_NAMED),
    }
    return say(lost, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    standouts = inputs.content(where.standouts) or NO_STANDOUTS
    overall = headline.content(inputs)
    verdicts = [
        row.verdict for ranking in inputs.content(where.rankings) or () for row in ranking.groups if row.verdict
    ]
    tested = [each for each in verdicts if each.answer != "not tested"]
    lost = Lost(
        standouts,
        overall.has_one_outcome,
        bool(overall.missed_bookings),
        overall.one,
        has_high=any(each.is_flagged and each.answer == "not found" and not each.is_explained for each in tested),
        is_comparable=not tested or any(each.detectable is not None for each in tested),
    )
    return lost_in_words(lost)
