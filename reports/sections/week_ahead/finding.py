"""How many no-shows to expect, in one line."""

from __future__ import annotations

from reports.sections.section import Inputs
from reports.sections.week_ahead import content as week_ahead


def finding(inputs: Inputs) -> str | None:
    """The finding of the section: the title of its table."""
    found = inputs.content(week_ahead.content)
    return found.title if found else None
