"""The report in a few sentences, for readers in a hurry. Claims are made only if a test supports them."""

from __future__ import annotations

from dataclasses import replace

from reports.drawing.sentences import say
from reports.sections.actions import content as actions_section
from reports.sections.actions.findings import Findings, findings_of
from reports.sections.in_short.sentences import QUESTIONS, values_of
from reports.sections.section import Inputs


def content(inputs: Inputs) -> tuple[str, ...]:
    """The sentences of a report, the most important first, without those that "What to do this week" says."""
    actions = inputs.content(actions_section.content)
    said = frozenset(action.kind for action in actions.actions) if actions else frozenset[str]()
    return sentences_of(replace(findings_of(inputs), in_actions=said))


def sentences_of(found: Findings) -> tuple[str, ...]:
    """Sentences about the rate, factors, groups that stand out, the course, registers and prices."""
    values = values_of(found)
    said = (say(found, question, values) for question in QUESTIONS)
    return tuple(sentence for sentence in said if sentence)
