"""The groups that lose more than the others in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs
from reports.sections.where import content as where
from reports.sections.where.standouts import NO_STANDOUTS, Standouts

FINDINGS: Sequence[Sentence[Standouts]] = (
    Sentence("Too few bookings to compare groups.", lambda each: not each.found and not each.tested),
    Sentence(
        "No group is found to lose more than the others.",
        lambda each: not each.found and each.tested > 0,
    ),
    Sentence("More is lost than elsewhere: {first}.", lambda each: len(each.found) == 1),
    Sentence("More is lost than elsewhere: {first} and {others}.", lambda each: len(each.found) > 1),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    standouts = inputs.content(where.standouts) or NO_STANDOUTS
    values = {
        "first": standouts.found[0].phrase if standouts.found else "",
        "others": words.plural(len(standouts.found) - 1, "other group"),
    }
    return say(standouts, FINDINGS, values)
