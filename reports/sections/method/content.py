"""The basis of the figures: the words of the report explained, and the circumstances it was made under."""

from __future__ import annotations

from dataclasses import dataclass

from reports.drawing import words
from reports.scope.circumstances import Circumstances
from reports.sections.headline import content as headline
from reports.sections.method.glossary import glossary
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Foot:
    """The circumstances line by line, and the glossary."""

    lines: tuple[tuple[str, str], ...]
    glossary: tuple[tuple[str, str], ...]


def content(inputs: Inputs) -> Foot:
    """The foot of a report."""
    about = inputs.about
    return Foot(_lines(about), glossary(about.site, about.options, headline.content(inputs)))


def _lines(about: Circumstances) -> tuple[tuple[str, str], ...]:
    return (
        ("As of", f"{words.moment(about.local_moment)}, {about.site.time_zone}"),
        ("Filter", words.clean(about.filter)),
        *(() if about.options.share else (("Database", words.clean(about.database)),)),
        ("Made with", ", ".join(f"{name} {version}" for name, version in about.versions)),
    )
