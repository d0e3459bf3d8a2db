"""How many no-shows to expect, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs
from reports.sections.week_ahead import content as week_ahead
from reports.sections.week_ahead.content import WeekAhead

FINDINGS: Sequence[Sentence[WeekAhead]] = (
    Sentence("{bookings}.", lambda each: each.expected is None),
    Sentence("{expected} of {bookings} to expect ({low} to {high}).", lambda each: each.expected is not None),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section, shorter than the title of its table."""
    found = inputs.content(week_ahead.content)
    if found is None:
        return None
    values = {
        "bookings": words.plural(found.bookings, "booking"),
        "expected": words.plural(round(found.expected or 0), "no-show"),
        "low": words.count(found.low),
        "high": words.count(found.high),
    }
    return say(found, FINDINGS, values)
