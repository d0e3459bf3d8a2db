"""How far to trust the figures, in one line: records that could not be read, and the rate by other definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.quality import content as quality
from reports.sections.quality.records import SetAside
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether anything is loaded, the records set aside (None if that is not known), and the rates by definition."""

    is_loaded: bool
    aside: SetAside | None
    rates: tuple[float, ...]

    @property
    def differs(self) -> bool:
        """Whether another definition gives another rate, as it is written."""
        return len({words.percent(rate) for rate in self.rates}) > 1


RECORDS: Sequence[Sentence[Trust]] = (
    Sentence("Nothing has been loaded yet.", lambda each: not each.is_loaded),
    Sentence("", lambda each: each.is_loaded and each.aside is None),
    Sentence(
        "Every record could be read.",
        lambda each: each.is_loaded and each.aside is not None and not each.aside.records,
    ),
    Sentence(
        "{aside} records could not be read.",
        lambda each: each.is_loaded and each.aside is not None and each.aside.records > 0,
    ),
)
RATES: Sequence[Sentence[Trust]] = (
    Sentence("", lambda each: not each.differs),
    Sentence(" Counted as others count, the rate is {low} to {high}.", lambda each: each.differs),
)


def trust_in_words(found: Trust) -> str:
    """The finding; empty if nothing is known of the records and one rate only of the definitions."""
    values = {
        "aside": words.of(found.aside.records, found.aside.of) if found.aside else "",
        "low": words.percent(min(found.rates, default=None)),
        "high": words.percent(max(found.rates, default=None)),
    }
    return (say(found, RECORDS, values) + say(found, RATES, values)).strip()


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None if there is none."""
    found = inputs.content(quality.content)
    if found is None:
        return None
    rates = tuple(each.rate for each in found.alternatives if each.rate is not None)
    return trust_in_words(Trust(found.is_loaded, inputs.content(quality.set_aside), rates)) or None
