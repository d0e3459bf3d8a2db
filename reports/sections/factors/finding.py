"""The factors that go with no-shows in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import content as factors
from reports.sections.factors.content import Factors
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Factors]] = (
    Sentence("Not tested: {missing}.", lambda each: each.missing is not None),
    Sentence(
        "No-shows go with {titles}, other factors being equal.", lambda each: not each.missing and bool(_titles(each))
    ),
    Sentence("No factor is found to go with no-shows.", lambda each: not each.missing and not _titles(each)),
)


def _titles(each: Factors) -> list[str]:
    return [factor.title for factor in each.factors if factor.answer == "found"]


def factors_in_words(found: Factors) -> str:
    """The factors that no-shows go with."""
    titles = _titles(found)
    values = {"missing": found.missing or "", "titles": words.listed(titles) if titles else ""}
    return say(found, FINDINGS, values)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section, which is also the title of its table."""
    found = inputs.content(factors.content)
    return factors_in_words(found) if found else None
