"""How far to trust the figures, in one line: records that were set aside, and the rate by other definitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reports.drawing.sentences import Sentence, say
from reports.sections.quality import content as quality
from reports.sections.quality.records import SetAside, set_aside_in_words
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Trust:
    """Whether anything is loaded, and the records set aside; None if that is not known."""

    is_loaded: bool
    aside: SetAside | None


RECORDS: Sequence[Sentence[Trust]] = (
    Sentence("Nothing has been loaded yet.", lambda each: not each.is_loaded),
    Sentence("", lambda each: each.is_loaded and each.aside is None),
    Sentence(
        "No record was set aside.",
        lambda each: each.is_loaded and each.aside is not None and not each.aside.records,
    ),
    Sentence(
        "{aside}.",
        lambda each: each.is_loaded and each.aside is not None and each.aside.records > 0,
    ),
)


def records_in_words(found: Trust) -> str:
    """How many records were set aside; empty if that is not known."""
    aside = set_aside_in_words(found.aside) if found.aside else ""
    return say(found, RECORDS, {"aside": aside})


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None if the records are not known and all definitions give one rate."""
    found = inputs.content(quality.content)
    if found is None:
        return None
    records = records_in_words(Trust(found.is_loaded, inputs.content(quality.set_aside)))
    return " ".join(said for said in (records, found.counted_otherwise) if said) or None
