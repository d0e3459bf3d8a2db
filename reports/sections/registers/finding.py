"""Registers to fill in, or who marks nobody, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.headline import content as headline
from reports.sections.registers import content as registers
from reports.sections.registers.content import Registers
from reports.sections.section import Inputs

FINDINGS: Sequence[Sentence[Registers]] = (
    Sentence("{unmarked} in {sessions} to fill in.", lambda each: each.unmarked > 0),
    Sentence("Every booking is marked.", lambda each: not each.unmarked and each.has_registers),
    Sentence("{silent}", lambda each: not each.unmarked and _is_one_sided(each)),
    Sentence(
        "There are none: {reason}.", lambda each: not each.unmarked and not each.has_registers and not each.silent
    ),
)


def _is_one_sided(each: Registers) -> bool:
    return not each.has_registers and bool(each.silent)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(registers.content)
    if found is None:
        return None
    values = {
        "unmarked": words.plural(found.unmarked, "booking"),
        "sessions": words.plural(found.sessions, "session"),
        "silent": found.silent_title,
        "reason": headline.content(inputs).coverage_reason or "",
    }
    return say(found, FINDINGS, values)
