"""The value of no-shows in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs
from reports.sections.worth import content as worth
from reports.sections.worth.content import Worth

FINDINGS: Sequence[Sentence[Worth]] = (
    Sentence(
        "The list price of the no-shows is {low}, which need not be money lost.", lambda each: len(each.values) == 1
    ),
    Sentence("No-shows at list price in {currencies}.", lambda each: len(each.values) > 1),
    Sentence("No price is known.", lambda each: not each.values),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(worth.content)
    if found is None:
        return None
    first = found.values[0] if found.values else None
    values = {
        "low": words.money(first.low, first.currency) if first else "",
        "currencies": words.plural(len(found.values), "currency", "currencies"),
    }
    return say(found, FINDINGS, values)
