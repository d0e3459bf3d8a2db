"""The attributes that bookings are compared by, in one line. No difference is claimed: it may have other reasons."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.attributes import content as attributes
from reports.sections.attributes.content import ByAttribute
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Sequence[ByAttribute]]] = (
    Sentence("Rates by {named}.", lambda every: any(each.values for each in every)),
    Sentence("No past booking has {missing}.", lambda every: not any(each.values for each in every)),
)


def attributes_in_words(every: Sequence[ByAttribute]) -> str:
    """The names of the attributes that some booking has."""
    named = [each.name for each in every if each.values]
    values = {
        "named": words.listed(named) if named else "",
        "missing": words.listed([each.name for each in every], "or"),
    }
    return say(every, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None if no attribute was asked for."""
    every = inputs.content(attributes.content)
    return attributes_in_words(every) if every else None
