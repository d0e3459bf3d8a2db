"""The SQL behind the figures of a page, gathered by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from queries.statements import without_front
from reports.report import Report
from reports.sections.section import Section


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement for the DuckDB shell, and the figures that it gives in words."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Statements:
    """The views that the statements read, to be made first, and the statements by the name of their section."""

    views: str
    by_section: Mapping[str, tuple[Statement, ...]]


def statements_of(report: Report) -> Statements:
    """The statements of the sections on a page that have any.

    In `report.sql` each defines its rows itself; here all stand on the same two views, which halves many of them.
    """
    views, _ = without_front(report.sql.get("overall", ""))
    found = {section.name: tuple(_of_section(section, report, views)) for section in report.on_page}
    return Statements(views, {name: statements for name, statements in found.items() if statements})


def _of_section(section: Section, report: Report, views: str) -> Iterator[Statement]:
    sql, content = report.sql, report.contents[next(iter(section.of))]
    for name, subject in section.statements.items():
        if name in sql and section.has_statement(name, content):
            yield Statement(subject, _over(views, sql[name]))
        elif name.endswith("."):
            named = (each for each in sql if each.startswith(name))
            yield from (Statement(f"{subject} {each.removeprefix(name)}", _over(views, sql[each])) for each in named)


def _over(views: str, statement: str) -> str:
    """The statement over the views if it has the same rows, else as it is."""
    own, text = without_front(statement)
    return text if own == views else statement
