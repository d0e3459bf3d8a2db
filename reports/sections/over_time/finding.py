"""Whether the rate changed, in one line."""

from __future__ import annotations

from reports.sections.over_time import content as over_time
from reports.sections.section import Inputs


def finding(inputs: Inputs) -> str | None:
    """The finding of the section: the title of its chart."""
    course = inputs.content(over_time.content)
    return f"{course.title}." if course else None
