"""How many of the due bookings have an outcome, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.headline.figures import Headline
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Headline]] = (
    Sentence(
        "{coverage} of past bookings are marked.",
        lambda each: each.coverage is not None and not each.is_presumed,
    ),
    Sentence(
        "It is not known how many are marked: {reason}.", lambda each: each.coverage is None and not each.is_presumed
    ),
    Sentence(
        "Bookings without a mark are presumed to have come.", lambda each: each.is_presumed and each.limit == "at least"
    ),
    Sentence(
        "Bookings without a mark are presumed to be no-shows.",
        lambda each: each.is_presumed and each.limit == "at most",
    ),
    Sentence(
        "Bookings without a mark are presumed to have come or to be no-shows, by source.",
        lambda each: each.is_presumed and each.limit is None,
    ),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = headline.content(inputs)
    return say(found, FINDINGS, {"coverage": words.percent(found.coverage), "reason": found.coverage_reason or ""})
