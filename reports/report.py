"""The content of a report: every section's content under its key, made from frames and circumstances. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from queries.model.attributes import PREFIX
from reports.drawing import words
from reports.measured.frames import Frames, Needs, union_of
from reports.scope.circumstances import Circumstances, scope_of
from reports.sections.headline.change import stretches_of_latest
from reports.sections.headline.figures import Headline
from reports.sections.over_time.content import needs_of_policies
from reports.sections.over_time.weeks_and_months import are_monthly_totals, due_days
from reports.sections.section import Inputs, Section

DEFAULT_TITLE = "No-show report"
T = TypeVar("T")
# The dates in the subtitle.
_NEEDS = Needs(by=("day",))


@dataclass(frozen=True, slots=True)
class Report:
    """One page. `named` says that the title is the user's; `filter` is None if nothing is filtered out.

    `scope` is the data that two reports must share to be compared. `contents` are those of the sections by key, None if
    a report leaves a section out or has nothing to show in it; each can also be read as an attribute
    (`report.over_time`). `sql` gives each figure in the shell. `left_out` names the parts that a report from a lake
    leaves out, and `source` says so in a sentence. `sections` are those that the page has room for.
    """

    title: str
    named: bool
    brand: str | None
    subtitle: str
    filter: str | None
    shared: bool
    scope: Mapping[str, Any]
    contents: Mapping[str, Any]
    sql: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    source: str | None = None
    sections: Sequence[Section] = ()

    def __getattr__(self, name: str) -> Any:
        # Reached only for names that are not fields. `object.__getattribute__` keeps a half-made report (unpickled,
        # copied) from asking for its contents here without end.
        contents: Mapping[str, Any] = object.__getattribute__(self, "contents")
        if name not in contents:
            raise AttributeError(f"a report has no content {name!r}", name=name, obj=self)
        return contents[name]

    def __repr__(self) -> str:
        return f"<Report {self.title!r}: {self.headline.text}>"

    def _repr_html_(self) -> str:
        """The headline and the finding of each section, for notebooks."""
        found = "".join(
            f"<li><b>{escape(door.title)}</b>: {escape(door.finding)}</li>"
            for door in self.contents.get("doors") or ()
            if door.finding
        )
        return f"<h3>{escape(self.title)}</h3><p>{escape(self.headline.text)}</p><ul>{found}</ul>"

    def content(self, key: str, kind: type[T]) -> T | None:
        """The content under a key if there is any of that kind."""
        found = self.contents.get(key)
        return found if isinstance(found, kind) else None

    @property
    def headline(self) -> Headline:
        """The rate over all, which every report has."""
        headline: Headline = self.contents["headline"]
        return headline

    @property
    def on_page(self) -> tuple[Section, ...]:
        """The sections that have something to show, in reading order."""
        return tuple(section for section in self.sections if self.contents[next(iter(section.of))])


@dataclass(frozen=True, slots=True)
class Written:
    """A report of a part of the business: its name, its file, its headline, and how many groups lose more."""

    name: str
    path: Path
    headline: Headline
    flagged: int


def needs_of(sections: Sequence[Section], about: Circumstances | None = None) -> Needs:
    """The frames that a report with these sections reads, those of sections that it leaves out excepted."""
    found = [section for section in sections if about is None or section.is_in(about)]
    attributes = about.options.attributes if about and any(section.name == "attributes" for section in found) else ()
    named = Needs(by=tuple(f"{PREFIX}{name}" for name in attributes))
    has_policies = about is not None and not about.options.share and any(each.name == "over_time" for each in found)
    policies = needs_of_policies(about.options.policies) if about and has_policies else Needs()
    latest = Needs(stretches=stretches_of_latest(about)) if about else Needs()
    return union_of([_NEEDS, *(section.needs for section in found), named, policies, latest])


def left_out_of(sections: Sequence[Section], engine: str | None) -> frozenset[str]:
    """The names of the parts that a report from a lake on that engine leaves out; none for a database (None)."""
    return frozenset(_left_out_in_words(sections, engine))


def report_content(frames: Frames, about: Circumstances, sections: Sequence[Section]) -> Report:
    """Everything the page shows, each number beside the number it is a part of."""
    options = about.options
    inputs = Inputs(frames, about, sections)
    return Report(
        title=words.clean(options.title, DEFAULT_TITLE),
        named=words.clean(options.title, "") != "",
        brand=words.clean(options.brand_name, "") or None,
        subtitle=_subtitle(frames, about),
        filter=words.clean(about.filter) if about.filtered else None,
        shared=options.share,
        scope=scope_of(about),
        contents={key: inputs.content(make) for section in sections for key, make in section.of.items()},
        sql=frames.sql,
        left_out=tuple(sorted(about.left_out)),
        source=None if about.engine is None else lake_in_words(sections, about.engine, about.left_out),
        sections=tuple(section for section in sections if section.is_in(about)),
    )


_ENGINES = {"duckdb": "DuckDB", "polars": "Polars", "spark": "Spark"}


def lake_in_words(sections: Sequence[Section], engine: str, left_out: Collection[str]) -> str:
    """The sentence that lists the parts that a report from a lake leaves out."""
    said = [said for name, said in _left_out_in_words(sections, engine).items() if name in left_out]
    return (
        f"Counted by {_ENGINES[engine]} over a lake, which does not show {words.listed(said)}: "
        "the database's own report does."
    )


def _left_out_in_words(sections: Sequence[Section], engine: str | None) -> dict[str, str]:
    """The parts that a lake leaves out, by name and in words: those of every lake first, in the order of reading."""
    if engine is None:
        return {}
    read = list(needs_of(sections).rows)
    ordered = sorted(sections, key=lambda section: min(map(read.index, section.needs.rows), default=len(read)))
    lakes = {name: said for section in ordered for name, said in section.left_out_of_lakes.items()}
    spark = {name: said for section in ordered for name, said in section.left_out_of_spark.items()}
    return lakes | spark if engine == "spark" else lakes


def _subtitle(frames: Frames, about: Circumstances) -> str:
    days = due_days(frames.by["day"])
    as_of = f"as of {words.day(about.local_moment.date())}"
    if not days:
        return as_of.capitalize()
    if are_monthly_totals(days):
        first, last = (f"{words.month(day)} {day.year}" for day in (days[0], days[-1]))
        return f"Sessions from {first} to {last}, {as_of}"
    return f"Sessions from {words.day(days[0])} to {words.day(days[-1])}, {as_of}"
