"""Write the report, or one for each part of a chain, and print its path."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import typer

import queries
import reports
from pipeline.cli.exits import say
from pipeline.cli.filters import read_where
from pipeline.cli.lake import SourceOptions, opened
from pipeline.cli.streams import STDIO, file_for, require_not_for_terminal
from pipeline.cli.terminal import showing_steps
from pipeline.settings import PolicyDate, Settings, read_settings
from queries.errors import InputNotFound, UsageError
from reports.forms import FORMS
from reports.measured.source import source_of


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """The options of `noshow report` and `noshow check`."""

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
    attributes: tuple[str, ...] = ()
    source: SourceOptions = field(default_factory=SourceOptions)


def run(asked: ReportOptions) -> None:
    """Write the report or reports and print the path. Raises `UsageError` for options that exclude each other."""
    if asked.names and asked.share:
        raise UsageError(
            "report.names_shared", "--names and --share exclude each other", "A shared report names nobody"
        )
    if asked.by == "staff" and asked.share:
        raise UsageError("report.staff_shared", "--by-staff and --share at once", "A shared report names nobody")
    if asked.by and asked.since_report:
        raise UsageError("report.since_parts", "--since-report is for one report", "Leave out --by-…")
    if asked.names and asked.source.lake:
        raise UsageError("lake.personal", "a lake does not say who booked", "Leave out --names, or --lake")
    if asked.out == STDIO:
        if asked.by:
            raise UsageError("report.stdout", f"reports by {asked.by} are a folder of files", "Name it with --out")
        require_not_for_terminal(asked.format, "Name a file, or send stdout to one")
    settings = read_settings()
    with opened(asked.source, settings.memory_limit) as source:
        write = _write_parts if asked.by else _write_one
        write(source, asked, options_of(asked, settings, source_of(source).site))


def grouping_of(**by: bool) -> str | None:
    """The grouping of the one `--by-…` that was given, or None. Raises `UsageError` for two of them."""
    names = [name for name, given in by.items() if given]
    if len(names) > 1:
        raise UsageError("report.by", f"--by-{names[0]} and --by-{names[1]} at once", "Give one of them")
    return names[0] if names else None


def options_of(asked: ReportOptions, settings: Settings, site: queries.Site) -> reports.Options:
    """The options of the functions of `reports`: from the command line, else from the settings.

    `min_bookings` comes from the settings stored in the database, since the views use those.
    """
    key, empty, away = settings.pseudonym_key, settings.empty_seat_cost, settings.turned_away_cost
    return reports.Options(
        title=asked.title,
        min_bookings=asked.min_bookings or site.min_bookings,
        enough_coverage=settings.enough_coverage,
        full_class_risk=settings.full_class_risk,
        max_quarantined_share=settings.max_quarantined_share,
        attributes=tuple(dict.fromkeys(asked.attributes or settings.attributes)),
        names=asked.names,
        share=asked.share,
        compare=asked.compare,
        pseudonym_key=key.get_secret_value() if key else None,
        brand_name=settings.brand_name,
        brand_colour=settings.brand_colour,
        seat_costs=None if empty is None or away is None else reports.SeatCosts(float(empty), float(away)),
        policies=tuple(map(_policy, settings.policy_dates)),
        mail_from=settings.mail_from,
        mail_to=settings.mail_to,
    )


def _policy(setting: PolicyDate) -> reports.Policy:
    where: Literal["location", "service"] = "service" if setting.services else "location"
    return reports.Policy(setting.date, setting.what, where, setting.services or setting.locations)


def read_date(text: str | None, option: str) -> dt.date | None:
    """Read a date of the command line. Raises `UsageError` if the text is not a date."""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("report.date", f"{option} {text!r} is not a date", "Write 2026-03-01") from None


def _write_one(source: Any, asked: ReportOptions, options: reports.Options) -> None:
    suffix = f".{FORMS[asked.format].suffix}"
    path = asked.out or asked.source.beside(f"report{suffix}")
    with file_for(path, suffix) as place:
        headline = reports.build_report(
            source, place, options=options, earlier=read_earlier(asked), format=asked.format, **scope_of(asked)
        )
    if path == STDIO:
        say(headline.text)
    else:
        typer.echo(headline.text)
        typer.echo(f"Report: {path}")


def _write_parts(source: Any, asked: ReportOptions, options: reports.Options) -> None:
    folder = asked.out or asked.source.beside("reports")
    assert asked.by
    with showing_steps(f"reports by {asked.by}") as step:
        written = reports.build_reports(
            source, folder, asked.by, options=options, progress=step, format=asked.format, **scope_of(asked)
        )
    if not written:
        say(f"no {asked.by} has a due booking; only the index is written")
    typer.echo(f"{len(written):,} reports by {asked.by}")
    typer.echo(f"Index: {folder / 'index.html'}" if asked.format == "html" else f"Folder: {folder}")


def scope_of(asked: ReportOptions) -> dict[str, Any]:
    """The scope of a report (filter, moment, period), as arguments of the functions of `reports`."""
    return {
        "where": read_where(asked.where),
        "as_of": asked.as_of,
        "first": read_date(asked.first, "--from"),
        "last": read_date(asked.last, "--to"),
    }


def read_earlier(asked: ReportOptions) -> Mapping[str, Any] | None:
    """Read the report of --since-report.

    Raises `InputNotFound` if the file does not exist, `UsageError` if it is not a JSON object.
    """
    path = asked.since_report
    if path is None:
        return None
    try:
        earlier = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise InputNotFound(
            "since.not_found", f"{path}: no such file", "Name a report made with --format json"
        ) from None
    except (ValueError, RecursionError):
        earlier = None
    if not isinstance(earlier, dict):
        raise UsageError("since.not_json", f"{path}: not a JSON object", "Name a report made with --format json")
    return earlier
