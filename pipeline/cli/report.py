"""A filter goes in; the report is written, and its headline and place are printed."""

from __future__ import annotations

from pathlib import Path

import typer

import queries
import reports
from pipeline.cli.filters import read_where


def run(
    out: Path | None,
    where: str | None,
    as_of: str | None,
    min_bookings: int,
    title: str | None,
    db: Path | None,
) -> None:
    """Build the report and say where it is."""
    path = out or queries.database_path(db).with_name("report.html")
    connection = queries.connect(db)
    try:
        headline = reports.build_report(
            connection, path, where=read_where(where), as_of=as_of, min_bookings=min_bookings, title=title
        )
    finally:
        connection.close()
    typer.echo(headline.text)
    typer.echo(f"Report: {path}")
