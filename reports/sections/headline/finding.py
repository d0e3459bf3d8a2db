"""How many of the due bookings have an outcome, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.headline.figures import Headline
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Headline]] = (
    Sentence("{coverage} of due bookings are marked.", lambda each: each.coverage is not None and not each.is_presumed),
    Sentence("", lambda each: each.coverage is None or each.is_presumed),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None without coverage, or if only some sources have it."""
    found = headline.content(inputs)
    return say(found, FINDINGS, {"coverage": words.percent(found.coverage)}) or None
