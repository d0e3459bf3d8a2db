"""How many sessions are listed, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs
from reports.sections.sessions import content as sessions
from reports.sections.sessions.content import Sessions

FINDINGS: Sequence[Sentence[Sessions]] = (
    Sentence("No session is due yet.", lambda each: not each.sessions),
    Sentence("{total} with the counts of each.", lambda each: bool(each.sessions) and each.cap is None),
    Sentence("The newest {listed} of {total}.", lambda each: bool(each.sessions) and each.cap is not None),
)


def sessions_in_words(found: Sessions) -> str:
    """How many there are, and how many of them are listed."""
    values = {"listed": words.count(len(found.sessions)), "total": words.plural(found.total, "session")}
    return say(found, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(sessions.content)
    return sessions_in_words(found) if found else None
