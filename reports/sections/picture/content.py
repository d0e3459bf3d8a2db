"""The one picture of the first page: the chart that the section over time draws, with the verdict as its title."""

from __future__ import annotations

from dataclasses import dataclass

from reports.sections.over_time import content as over_time
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Picture:
    """The title of the chart: whether the rate changed."""

    title: str


def content(inputs: Inputs) -> Picture | None:
    """The section of a report; None if there is too little to draw."""
    course = inputs.content(over_time.content)
    return Picture(course.title) if course and course.can_be_drawn else None
