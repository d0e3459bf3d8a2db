"""The commands that read records: figures, reports, exports, queries; `app` makes commands of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.choices import (
    Compare,
    DateOrder,
    Engine,
    ExportFormat,
    ReportFormat,
    ShellFormat,
    TableFormat,
    UpcomingBy,
)
from pipeline.cli.completion import groupings, mappings
from pipeline.cli.options import AsOf, Db, Out, OutputFormat, Wait
from pipeline.cli.streams import ON_DISK, READ, READ_MAPPING, WRITE

Where = Annotated[str | None, typer.Option("--where", help='A filter as JSON: {"service": "Yoga"}.')]
MinBookings = Annotated[
    int | None,
    typer.Option(
        "--min-bookings", min=1, help="Show groups with fewer marked bookings without a rate. Default: the database's."
    ),
]
LakeFolder = Annotated[
    Path | None,
    typer.Option("--lake", callback=ON_DISK, help="Read this lake (see export-lake) instead of a database."),
]
Remote = Annotated[str | None, typer.Option("--remote", help="Spark Connect server: sc://host:15002.")]
EngineName = Annotated[
    Engine | None, typer.Option("--engine", help="The engine that counts over the lake. Default: duckdb.")
]


def rates(
    by: Annotated[
        str,
        typer.Option(
            autocompletion=groupings, help="One or two groupings, separated by a comma. Empty: one row for everything."
        ),
    ] = "service",
    table_format: Annotated[TableFormat, typer.Option("--format", help="The output format.")] = "table",
    where: Where = None,
    as_of: AsOf = None,
    min_bookings: MinBookings = None,
    out: Out = None,
    db: Db = None,
    lake: LakeFolder = None,
    engine: EngineName = None,
    remote: Remote = None,
) -> None:
    """Print no-show counts and rates by service, week and more."""
    from pipeline.cli.lake import SourceOptions
    from pipeline.cli.rates import run

    run(by, table_format, where, as_of, min_bookings, out, SourceOptions(db, lake, engine, remote))


def upcoming(
    days: Annotated[float, typer.Option(min=0, max=3_660, help="Days ahead, of 24 hours each.")] = 7,
    by: Annotated[UpcomingBy, typer.Option(help="What to list.")] = "session",
    table_format: Annotated[TableFormat, typer.Option("--format", help="The output format.")] = "table",
    where: Where = None,
    as_of: AsOf = None,
    names: Annotated[bool, typer.Option("--names", help="Show who booked by name instead of by pseudonym.")] = False,
    out: Out = None,
    db: Db = None,
) -> None:
    """Print how many no-shows to expect of the sessions ahead, seats that could be offered, and who is waiting."""
    from pipeline.cli.upcoming import UpcomingOptions, run

    run(UpcomingOptions(days, by, table_format, where, as_of, names, out, db))


def export(
    out: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", callback=WRITE, help="The folder for Parquet and CSV; a file, or -, for the other formats."
        ),
    ],
    export_format: Annotated[ExportFormat, typer.Option("--format", help="The output format.")] = "parquet",
    names_free: Annotated[
        bool, typer.Option("--names-free", help="Leave out the names and ids of contacts, wherever they stand.")
    ] = False,
    as_of: AsOf = None,
    db: Db = None,
) -> None:
    """Write the documented views for other tools, or describe the views to Datasette or dbt."""
    from pipeline.cli.export import run

    run(out, export_format, names_free, as_of, db)


def export_lake(
    folder: Annotated[Path, typer.Argument(metavar="DIR", callback=ON_DISK, help="The lake's folder.")],
    wait: Wait = 0,
    db: Db = None,
) -> None:
    """Write booked sessions as Parquet by month. Only changed months are rewritten; participants are left out."""
    from pipeline.cli.lake import run

    run(folder, wait, db)


First = Annotated[str | None, typer.Option("--from", help="First local date of the sessions (ISO date).")]
Last = Annotated[str | None, typer.Option("--to", help="Last local date of the sessions (ISO date).")]
SinceReport = Annotated[
    Path | None,
    typer.Option("--since-report", callback=READ, help="An earlier report (JSON) of the same scope, to compare with."),
]


def report(
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            callback=WRITE,
            help="The file, - for stdout, or the folder with --by-…. Default: beside the database.",
        ),
    ] = None,
    where: Where = None,
    as_of: AsOf = None,
    first: First = None,
    last: Last = None,
    compare: Annotated[Compare, typer.Option(help="The period to compare with.")] = "previous",
    names: Annotated[bool, typer.Option("--names", help="Show participants by name instead of by pseudonym.")] = False,
    share: Annotated[
        bool, typer.Option("--share", help="Make the report safe to pass on: small counts blank, no names.")
    ] = False,
    min_bookings: MinBookings = None,
    title: Annotated[str | None, typer.Option(help="Title of the report.")] = None,
    report_format: Annotated[ReportFormat, typer.Option("--format", help="The output format.")] = "html",
    since_report: SinceReport = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option(help="Compare bookings by this attribute, such as reminder. May be repeated."),
    ] = None,
    by_location: Annotated[bool, typer.Option("--by-location", help="Write one report for each location.")] = False,
    by_service: Annotated[bool, typer.Option("--by-service", help="Write one report for each service.")] = False,
    by_staff: Annotated[bool, typer.Option("--by-staff", help="Write one report for each member of staff.")] = False,
    db: Db = None,
    lake: LakeFolder = None,
    engine: EngineName = None,
    remote: Remote = None,
) -> None:
    """Write the no-show report as a page, data, a message, a workbook or a PDF. Each file is complete in itself."""
    from pipeline.cli.lake import SourceOptions
    from pipeline.cli.report import ReportOptions, grouping_of, run

    by = grouping_of(location=by_location, service=by_service, staff=by_staff)
    run(
        ReportOptions(
            out=out,
            where=where,
            as_of=as_of,
            first=first,
            last=last,
            compare=compare,
            names=names,
            share=share,
            min_bookings=min_bookings,
            title=title,
            format=report_format,
            since_report=since_report,
            by=by,
            attributes=tuple(attribute or ()),
            source=SourceOptions(db, lake, engine, remote),
        )
    )


def reconcile(
    says: Annotated[
        str | None, typer.Option("--says", help="The other number as it is written: 8.1%, or counts such as 31/385.")
    ] = None,
    of: Annotated[
        str | None, typer.Option("--of", help="The counts of a percentage, such as 31/385, or its denominator.")
    ] = None,
    theirs: Annotated[
        Path | None,
        typer.Option(
            "--with", callback=READ, help="Their list of bookings or no-shows, or sums by day, week, month or service."
        ),
    ] = None,
    first: First = None,
    last: Last = None,
    where: Where = None,
    as_of: AsOf = None,
    missed: Annotated[
        list[str] | None, typer.Option(help="A status of theirs that means a no-show. May be repeated.")
    ] = None,
    came: Annotated[
        list[str] | None, typer.Option(help="A status of theirs that means attended. May be repeated.")
    ] = None,
    dates: Annotated[
        DateOrder | None, typer.Option("--dates", help="The order of day and month in their file.")
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--mapping",
            callback=READ_MAPPING,
            autocompletion=mappings,
            help="The mapping that the bookings were loaded with, for their ids.",
        ),
    ] = None,
    table_format: OutputFormat = "table",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            callback=WRITE,
            help="Write the rows that differ to this file (.csv, .xlsx, .json); - is stdout, as CSV.",
        ),
    ] = None,
    db: Db = None,
) -> None:
    """Find why another system has another no-show rate: its definition, filter, dates, or a missing file."""
    from pipeline.cli.reconcile import ReconcileOptions, run

    words = (tuple(missed or ()), tuple(came or ()))
    run(ReconcileOptions(says, of, theirs, where, as_of, first, last, *words, dates, mapping, table_format, out, db))


def check(
    min_coverage: Annotated[
        float | None, typer.Option(min=0, max=1, help="Lowest share of due bookings that must be marked.")
    ] = None,
    max_rate: Annotated[float | None, typer.Option(min=0, max=1, help="Highest no-show rate allowed.")] = None,
    max_registers: Annotated[
        int | None, typer.Option(min=0, help="Most past sessions with unmarked bookings allowed.")
    ] = None,
    max_quarantined: Annotated[int | None, typer.Option(min=0, help="Most records in quarantine allowed.")] = None,
    max_unmet: Annotated[
        int | None, typer.Option(min=0, help="Most values allowed that a mapping compares with constants and lacks.")
    ] = None,
    max_set_aside: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Largest share of a kind of records that the newest loads may set aside."),
    ] = None,
    max_age: Annotated[float | None, typer.Option(min=0, help="Most hours allowed since the newest load.")] = None,
    no_new_signal: Annotated[
        bool, typer.Option("--no-new-signal", help="Allow no signal in the last whole period, or since --since-report.")
    ] = False,
    no_flags: Annotated[
        bool, typer.Option("--no-flags", help="Allow no group that loses more than the others.")
    ] = False,
    where: Where = None,
    as_of: AsOf = None,
    first: First = None,
    last: Last = None,
    min_bookings: MinBookings = None,
    since_report: SinceReport = None,
    db: Db = None,
) -> None:
    """Compare figures and loads with limits, for schedulers. Prints JSON and exits with 1 if a check fails."""
    from pipeline.cli.check import run
    from pipeline.cli.lake import SourceOptions
    from pipeline.cli.report import ReportOptions

    asked = ReportOptions(
        where=where,
        as_of=as_of,
        first=first,
        last=last,
        min_bookings=min_bookings,
        since_report=since_report,
        source=SourceOptions(db),
    )
    run(
        asked,
        {
            "min_coverage": min_coverage,
            "max_rate": max_rate,
            "max_registers": max_registers,
            "max_quarantined": max_quarantined,
            "max_unmet": max_unmet,
            "max_set_aside": max_set_aside,
            "max_age": max_age,
            "no_new_signal": no_new_signal,
            "no_flags": no_flags,
        },
    )


def open_report(db: Db = None) -> None:
    """Open the newest report beside the database in the browser."""
    from pipeline.cli.open_report import run

    run(db)


def sql(
    query: Annotated[
        str | None, typer.Argument(help="A query to run, or - to read it from stdin. Without it the shell opens.")
    ] = None,
    table_format: Annotated[ShellFormat, typer.Option("--format", help="The output format.")] = "table",
    db: Db = None,
) -> None:
    """Open the database in the DuckDB shell, or run one query. The database is read-only there."""
    from pipeline.cli.sql import run

    run(query, table_format, db)
