"""Repeat no-shows in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.participants import content as participants
from reports.sections.participants.content import Participants
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Participants]] = (
    Sentence("{contacts} with two or more no-shows within a year.", lambda each: each.total > 0),
    Sentence("No contact has two or more no-shows within a year.", lambda each: each.total == 0),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(participants.content)
    return say(found, FINDINGS, {"contacts": words.plural(found.total, "contact")}) if found else None
