"""The terms and statements at the end of the report, in one line."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.method import content as method
from reports.sections.section import Inputs

# By whether the report has statements.
FINDINGS: Sequence[Sentence[bool]] = (
    Sentence("{terms} explained, and the SQL behind the figures.", lambda has_sql: has_sql),
    Sentence("{terms} explained.", lambda has_sql: not has_sql),
)


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    found = inputs.content(method.content)
    terms = words.plural(len(found.glossary), "term") if found else ""
    return say(bool(inputs.frames.sql), FINDINGS, {"terms": terms}) if found else None
