"""A door to each section of the page: its title and its finding in one line."""

from __future__ import annotations

from dataclasses import dataclass

from reports.sections.section import Inputs, Section


@dataclass(frozen=True, slots=True)
class Door:
    """The title of a section, the id of its heading, and its finding in one line; None if it has none."""

    title: str
    anchor: str
    finding: str | None


def doors(inputs: Inputs) -> tuple[Door, ...]:
    """The doors of a report, in the order of its sections: those of the first page have none."""
    return tuple(_door(inputs, section) for section in inputs.sections if _is_behind(inputs, section))


def _is_behind(inputs: Inputs, section: Section) -> bool:
    return not section.is_first_page and bool(inputs.content(next(iter(section.of.values()))))


def _door(inputs: Inputs, section: Section) -> Door:
    return Door(section.title, section.id, section.finding(inputs) if section.finding else None)
