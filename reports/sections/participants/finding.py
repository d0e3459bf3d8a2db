"""Repeat no-shows in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.participants import content as participants
from reports.sections.participants.content import Participants
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Participants]] = (
    Sentence("{people} with two or more no-shows within a year.", lambda each: each.total > 0),
    Sentence("The source does not say who booked.", lambda each: each.total == 0 and not each.are_known),
    Sentence(
        "Nobody has two or more no-shows within a year.",
        lambda each: each.total == 0 and each.are_known and each.is_rated,
    ),
    Sentence(
        "Who stays away again is unknown: no booking is marked.",
        lambda each: each.total == 0 and each.are_known and not each.is_rated,
    ),
)


def participants_in_words(found: Participants) -> str:
    """How many contacts have repeat no-shows."""
    return say(found, FINDINGS, {"people": words.plural(found.total, "person", "people")})


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(participants.content)
    return participants_in_words(found) if found else None
