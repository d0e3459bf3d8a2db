"""Whether the calls helped, in one line."""

from __future__ import annotations

from reports.sections.calls import content as calls
from reports.sections.section import Inputs


def finding(inputs: Inputs) -> str | None:
    """The finding of the section: its title."""
    found = inputs.content(calls.content)
    return found.title if found else None
