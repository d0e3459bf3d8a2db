"""The report in three to six sentences, for readers in a hurry. Claims are made only if a test supports them."""

from __future__ import annotations

from reports.drawing.sentences import say
from reports.sections.factors import content as factors_section
from reports.sections.headline import content as headline_section
from reports.sections.in_short.sentences import QUESTIONS, Findings, values_of
from reports.sections.over_time import content as over_time_section
from reports.sections.registers import content as registers_section
from reports.sections.section import Inputs
from reports.sections.where import content as where_section
from reports.sections.where.standouts import NO_STANDOUTS
from reports.sections.worth import content as worth_section


def content(inputs: Inputs) -> tuple[str, ...]:
    """The sentences of a report, the most important first."""
    options = inputs.about.options
    return sentences_of(
        Findings(
            headline_section.content(inputs),
            inputs.content(where_section.standouts) or NO_STANDOUTS,
            inputs.content(over_time_section.content),
            inputs.content(registers_section.content),
            options.min_bookings,
            inputs.content(worth_section.content),
            options.share,
            inputs.content(factors_section.content),
        )
    )


def sentences_of(found: Findings) -> tuple[str, ...]:
    """Sentences about the rate, factors, groups that stand out, the course, unmarked registers and empty seats."""
    values = values_of(found)
    said = (say(found, question, values) for question in QUESTIONS)
    return tuple(sentence for sentence in said if sentence)
