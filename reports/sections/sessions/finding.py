"""How many sessions are listed, in one line."""

from __future__ import annotations

from reports.sections.section import Inputs
from reports.sections.sessions import content as sessions


def finding(inputs: Inputs) -> str | None:
    """The finding of the section: the title of its table."""
    found = inputs.content(sessions.content)
    return found.title if found else None
