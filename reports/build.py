"""Build a report, or one for each part of the business, and write it. The edge of the package.

Reading, the clock, versions and files are here; everything between them is pure (`report`, `sections`, `page`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import duckdb

import queries
from queries.arguments import checked
from queries.errors import UsageError
from queries.files import write_atomically
from queries.model.attributes import PREFIX, attribute_named
from queries.model.fact import SHARED
from reports import registry
from reports.drawing import words
from reports.forms import FORMS, Form
from reports.measured.parts import Part, Scope, parts
from reports.measured.source import Source, source_of
from reports.report import Report, Written, left_out_of, needs_of, report_content
from reports.scope.circumstances import Circumstances
from reports.scope.options import Options
from reports.scope.period import period_before, period_between
from reports.sections.headline.figures import Headline
from reports.sections.section import Section
from reports.sections.where.standouts import NO_STANDOUTS, Standouts
from reports.sharing.rounding import SHARED_SPLITS

# A shared report quotes a filter only if all its fields are among these: none of them names a person or a record.
_NAMES_NOBODY = {name for name, field in queries.BOOKED_SESSION.names.items() if field.column in SHARED}


@checked
def build_report(
    con: duckdb.DuckDBPyConnection | queries.OpenLake,
    path: str | os.PathLike[str],
    *,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    options: Options | None = None,
    earlier: Mapping[str, Any] | None = None,
    format: str = "html",
) -> Headline:
    """Write the report as one file (UTF-8), making its folder, in one step: a reader sees the old file or the new.

    `con` is a database or a lake on an engine (`queries.lake`); a report from a lake says what it leaves out.
    `where` filters the booked sessions (`queries.language`), `as_of` is the moment figures hold for (aware datetime or
    ISO text; default now), `first` and `last` bound the sessions' local dates, `earlier` is an earlier report as data
    (JSON, decoded), for a list of changes since. `format` is one of `reports.forms`: html; json, the whole content as
    data; md, eml (RFC 5322) or slack (the JSON for a webhook), which are the first page, with `earlier` only its news;
    xlsx, a sheet for each table; or pdf. The same database, arguments and versions give the same bytes (of a PDF, with
    the same Chromium). Returns the headline; `.text` is the headline as a sentence.

    Raises `UsageError` (`QueryError`) for arguments that make no sense and for a PDF without Chromium, `OutputFailed`
    if that does not print, and OSError if the file cannot be written.
    """
    report = the_report(con, where=where, as_of=as_of, first=first, last=last, options=options, earlier=earlier)
    _write(Path(path), _render(report, format, options or Options(), earlier))
    return report.headline


@checked
def the_report(
    con: duckdb.DuckDBPyConnection | queries.OpenLake,
    *,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    options: Options | None = None,
    earlier: Mapping[str, Any] | None = None,
    sections: Collection[str] | None = None,
) -> Report:
    """The content of the report as frozen dataclasses; arguments and errors as for `build_report`.

    With the names of some `sections` it has only these, and measures only the figures they need.
    """
    source = source_of(con)
    about, scope = _about(source, where, as_of, first, last, options or Options(), None)
    asked = [section for section in registry.SECTIONS if sections is None or section.name in sections]
    (part,) = _parts(source, about, scope, asked)
    return report_content(part.frames, replace(about, earlier=earlier), asked)


def the_headline(con: duckdb.DuckDBPyConnection) -> Headline:
    """The headline alone of the report on a whole database, at a quarter of the report's cost."""
    return the_report(con, sections=["headline"]).headline


@checked
def build_reports(
    con: duckdb.DuckDBPyConnection | queries.OpenLake,
    folder: str | os.PathLike[str],
    by: str,
    *,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    options: Options | None = None,
    format: str = "html",
    progress: Callable[[str], None] = lambda name: None,
) -> tuple[Written, ...]:
    """Write a report for each location, service or member of staff into a folder, and `index.html` that leads to them.

    The data is read once. Files are named after the part, with letters and digits only. `progress` is called with each
    name. If shared, each report has the headline of its part only, as it is in the shared report of the whole.

    Raises as `build_report` does, and `UsageError` for parts that a shared report does not have.
    """
    if options and options.share and by not in SHARED_SPLITS:
        raise UsageError(
            "report.shared_parts", f"a shared report cannot be split by {by}", f"Parts: {', '.join(SHARED_SPLITS)}"
        )
    source = source_of(con)
    about, scope = _about(source, where, as_of, first, last, options or Options(), by)
    written = tuple(_write_parts(source, about, scope, Path(folder), format, progress))
    if format == "html":
        from reports.page.render import index_page

        _write(Path(folder) / "index.html", index_page(written, by, about))
    return written


def _write_parts(
    source: Source,
    about: Circumstances,
    scope: Scope,
    folder: Path,
    format: str,
    progress: Callable[[str], None],
) -> Iterator[Written]:
    for part in _parts(source, about, scope, registry.SECTIONS):
        name = words.clean(part.name)
        progress(name)
        title = f"{about.options.title}: {name}" if about.options.title else name
        mine = replace(about, part=name, options=replace(about.options, title=title))
        report = report_content(part.frames, mine, registry.SECTIONS)
        path = folder / f"{file_name(part)}.{_form(format).suffix}"
        _write(path, _render(report, format, mine.options))
        standouts = report.content("standouts", Standouts) or NO_STANDOUTS
        yield Written(name, path, report.headline, len(standouts.found))


def _parts(source: Source, about: Circumstances, scope: Scope, sections: Sequence[Section]) -> Iterator[Part]:
    return parts(source, scope, needs_of(sections, about), about.options.min_bookings, about.options.share)


def file_name(part: Part) -> str:
    """A name for the part's file: the readable part of its name, and a digest that makes it unique."""
    slug = re.sub(r"[^a-z0-9]+", "-", part.name.lower()).strip("-")[:40]
    digest = hashlib.sha256(part.key.encode("utf-8", "replace")).hexdigest()[:8]
    return "-".join(filter(None, (slug, digest)))


def _about(
    source: Source,
    where: Mapping[str, Any] | None,
    as_of: dt.datetime | str | None,
    first: dt.date | None,
    last: dt.date | None,
    options: Options,
    split: str | None,
) -> tuple[Circumstances, Scope]:
    _require_attributes(options.attributes)
    about = Circumstances(
        as_of=queries.as_of_instant(as_of),
        filter=_filter_in_words(where, options.share),
        database=source.name,
        site=source.site,
        versions=_versions(source.site),
        options=options,
        filtered=bool(where),
        pseudonym_key=options.pseudonym_key or source.key,
        left_out=left_out_of(registry.SECTIONS, source.engine),
        engine=source.engine,
    )
    period = period_between(first, last, about.settled)
    before = period_before(period, options.compare) if period else None
    about = replace(about, period=period, before=before)
    return about, Scope(where, about.as_of, period, before, split)


def _require_attributes(names: tuple[str, ...]) -> None:
    for name in names:
        if attribute_named(f"{PREFIX}{name}") is None:
            raise UsageError(
                "report.attribute", f"{name!r} is not the name of an attribute", "Name one of a mapping: reminder"
            )


def _filter_in_words(where: Mapping[str, Any] | None, share: bool) -> str:
    """The filter in English; in a shared report only if it cannot name a person or a record."""
    said = queries.filter_in_english(where)
    return said if not share or _fields(where) <= _NAMES_NOBODY else "a filter holds that is withheld"


def _fields(where: Any) -> set[str]:
    """Every field that a filter names, however deep."""
    if isinstance(where, list):
        return set().union(*map(_fields, where))
    if not isinstance(where, Mapping):
        return set()
    return {name for name in where if not name.startswith("$")} | set().union(*map(_fields, where.values()))


def _render(report: Report, format: str, options: Options, earlier: Mapping[str, Any] | None = None) -> str | bytes:
    return _form(format).make(report, options, earlier)


def _form(format: str) -> Form:
    if format not in FORMS:
        raise UsageError("report.format", f"no report is made as {format!r}", f"Formats: {', '.join(FORMS)}")
    return FORMS[format]


def _versions(site: queries.Site) -> tuple[tuple[str, str], ...]:
    return tuple((name, _version(name) or site.noshow_version) for name in ("noshow", "duckdb", "polars"))


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:  # noshow itself, run from a source tree
        return None


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
