"""A filter and choices go in; the report, or one for each part of a chain, is written, and its place printed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer

import queries
import reports
from pipeline.cli import tell
from pipeline.cli.filters import read_where
from pipeline.cli.ingest import shown_steps
from pipeline.cli.lake import Place, opened
from pipeline.settings import Settings, read_settings
from queries.errors import InputNotFound, UsageError
from reports.measured.source import source_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asked for."""

    out: Path | None = None
    where: str | None = None
    as_of: str | None = None
    first: str | None = None
    last: str | None = None
    compare: str = "previous"
    names: bool = False
    share: bool = False
    min_bookings: int | None = None
    title: str | None = None
    format: str = "html"
    since_report: Path | None = None
    by: str | None = None
    place: Place = field(default_factory=Place)


def run(wanted: Wanted) -> None:
    """Build what was asked for and say where it is."""
    if wanted.names and wanted.share:
        raise UsageError(
            "report.names_shared", "--names and --share exclude each other", "A shared report names nobody"
        )
    if wanted.by == "staff" and wanted.share:
        raise UsageError("report.staff_shared", "--by-staff and --share at once", "A shared report names nobody")
    if wanted.by and wanted.since_report:
        raise UsageError("report.since_parts", "--since-report is for one report", "Leave out --by-…")
    if wanted.names and wanted.place.lake:
        raise UsageError("lake.personal", "a lake does not say who booked", "Leave out --names, or --lake")
    settings = read_settings()
    with opened(wanted.place, settings.memory_limit) as source:
        write = _write_parts if wanted.by else _write_one
        write(source, wanted, options_of(wanted, settings, source_of(source).site))


def part_of(**asked: bool) -> str | None:
    """The grouping of the one `--by-…` that was given. Raises `UsageError` for two of them."""
    names = [name for name, given in asked.items() if given]
    if len(names) > 1:
        raise UsageError("report.by", f"--by-{names[0]} and --by-{names[1]} at once", "Give one of them")
    return names[0] if names else None


def options_of(wanted: Wanted, settings: Settings, site: queries.Site) -> reports.Options:
    """The choices of a report: the command line before the settings, as far as the views use them those stored."""
    key = settings.pseudonym_key
    return reports.Options(
        title=wanted.title,
        min_bookings=wanted.min_bookings or site.min_bookings,
        enough_coverage=settings.enough_coverage,
        full_class_risk=settings.full_class_risk,
        names=wanted.names,
        share=wanted.share,
        compare=wanted.compare,
        pseudonym_key=key.get_secret_value() if key else None,
        brand_name=settings.brand_name,
        brand_colour=settings.brand_colour,
        policies=tuple(reports.Policy(policy.date, policy.what) for policy in settings.policy_dates),
    )


def date_of(text: str | None, option: str) -> dt.date | None:
    """A date from the command line. Raises `UsageError` for a text that is none."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("report.date", f"{option} {text!r} is no date", "Write 2026-03-01") from None


def _write_one(source: Any, wanted: Wanted, options: reports.Options) -> None:
    path = wanted.out or wanted.place.beside(f"report.{wanted.format}")
    headline = reports.build_report(
        source, path, options=options, earlier=earlier_of(wanted), format=wanted.format, **scope_of(wanted)
    )
    typer.echo(headline.text)
    typer.echo(f"Report: {path}")


def _write_parts(source: Any, wanted: Wanted, options: reports.Options) -> None:
    folder = wanted.out or wanted.place.beside("reports")
    assert wanted.by
    with shown_steps(f"reports by {wanted.by}") as step:
        written = reports.build_reports(
            source, folder, wanted.by, options=options, progress=step, format=wanted.format, **scope_of(wanted)
        )
    if not written:
        tell(f"no {wanted.by} has a due booking; nothing written but the index")
    typer.echo(f"{len(written):,} reports by {wanted.by}")
    typer.echo(f"Index: {folder / 'index.html'}" if wanted.format == "html" else f"Folder: {folder}")


def scope_of(wanted: Wanted) -> dict[str, Any]:
    """What a report is about, as arguments of the functions of `reports`."""
    return {
        "where": read_where(wanted.where),
        "as_of": wanted.as_of,
        "first": date_of(wanted.first, "--from"),
        "last": date_of(wanted.last, "--to"),
    }


def earlier_of(wanted: Wanted) -> Mapping[str, Any] | None:
    """An earlier report as data. Raises `InputNotFound` or `UsageError` where it is not there or no JSON object."""
    path = wanted.since_report
    if path is None:
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputNotFound(
            "since.not_found", f"{path}: no such file", "Name a report made with --format json"
        ) from None
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise UsageError("since.not_json", f"{path}: no JSON object", "Name a report made with --format json")
    return told
