"""Repeat no-shows in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.participants import content as participants
from reports.sections.participants.content import Participants
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Participants]] = (
    Sentence(
        "{people} with two or more no-shows within any one year.", lambda each: each.total > 0 and each.alone is None
    ),
    Sentence(
        "{people} with two or more no-shows within any one year; {who} has {most}, the next {next}.",
        lambda each: each.total > 1 and each.alone is not None,
    ),
    Sentence(
        "One person has two or more no-shows within any one year: {who}, {most}.",
        lambda each: each.total == 1 and each.alone is not None,
    ),
    Sentence("The source does not say who booked.", lambda each: each.total == 0 and not each.are_known),
    Sentence(
        "Nobody has two or more no-shows within any one year.",
        lambda each: each.total == 0 and each.are_known and each.is_rated,
    ),
    Sentence(
        "Who stays away again is unknown: no booking is marked.",
        lambda each: each.total == 0 and each.are_known and not each.is_rated,
    ),
)


def participants_in_words(found: Participants) -> str:
    """How many contacts have repeat no-shows."""
    alone = found.alone
    values = {
        "people": words.plural(found.total, "person", "people"),
        "who": alone.who if alone else "",
        "most": words.of(alone.no_shows, alone.marked) if alone else "",
        "next": words.count(found.next_no_shows),
    }
    return say(found, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(participants.content)
    return participants_in_words(found) if found else None
