"""The fees of missed bookings in one line."""

from __future__ import annotations

from reports.drawing import words
from reports.sections.money import content as money
from reports.sections.section import Inputs


def finding(inputs: Inputs) -> str | None:
    """The finding of the section: its title, and how many bookings contradict."""
    found = inputs.content(money.content)
    if found is None:
        return None
    return f"{found.title} {words.plural(found.total, 'contradiction')} to look into." if found.total else found.title
