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
    """Whether anything is loaded, and the records set aside; None if that is not known."""

    is_loaded: bool
    aside: SetAside | None


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


def records_in_words(found: Trust) -> str:
    """How many records could not be read; empty if that is not known."""
    aside = words.of(found.aside.records, found.aside.of) if found.aside else ""
    return say(found, RECORDS, {"aside": aside})


def finding(inputs: Inputs) -> str | None:
    """The finding of the section; None if the records are not known and all definitions give one rate."""
    found = inputs.content(quality.content)
    if found is None:
        return None
    records = records_in_words(Trust(found.is_loaded, inputs.content(quality.set_aside)))
    return " ".join(said for said in (records, found.counted_otherwise) if said) or None
