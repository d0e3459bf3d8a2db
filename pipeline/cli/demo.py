"""Make a demo: a sample, a database loaded from it like any other, and its report."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import typer

import pipeline
from pipeline.cli import report
from pipeline.cli.exits import say
from pipeline.cli.ingest import print_outcomes, say_refused
from pipeline.cli.lake import SourceOptions
from pipeline.cli.terminal import showing_progress
from pipeline.store.opening import Store
from queries.errors import UsageError

_MARK = ".noshow-demo"


def run(folder: Path, seed: int) -> None:
    """Make the demo in a folder of its own, replacing an earlier one."""
    _clear(folder)
    source = folder / "source"
    say(f"writing a sample into {source}")
    pipeline.write_sample(source, seed=seed, until=_today())
    db = folder / "attendance.duckdb"
    with showing_progress() as progress, pipeline.open_store(db) as store:
        outcomes = pipeline.ingest(store, [source], progress=progress)
        list_past_calls(store, _today())
    print_outcomes(outcomes)
    say_refused(outcomes)
    report.run(report.ReportOptions(title="Harbour Studios", source=SourceOptions(db)))
    typer.echo(f"Database: {db}")
    typer.echo(f"Query it: noshow rates --by week --db {db}")


def list_past_calls(store: Store, last: dt.date) -> None:
    """List whom to call in the four weeks up to a day, half of them held back, so that the report shows the effect.

    Nobody is called in made-up records, so there is none to find.
    """
    first = last - dt.timedelta(weeks=4)
    pipeline.list_calls(store, days=28, number=200, hold_back=0.5, seed=1, as_of=first.isoformat())


def write(out: Path, bookings: int, seed: int, until: str | None) -> None:
    """Write a sample and print its files with their numbers of records."""
    try:
        last = dt.date.fromisoformat(until) if until else _today()
    except ValueError:
        raise UsageError("sample.until", f"--until {until!r} is not a date", "Write 2026-03-01") from None
    files = pipeline.write_sample(out, bookings=bookings, seed=seed, until=last)
    for path, records in files.records.items():
        typer.echo(f"{path}: {records:,} records")


def _clear(folder: Path) -> None:
    """Remove an earlier demo. Raises `UsageError` for a folder with anything else in it, which is left alone."""
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).exists():
        words = f"{folder}: not empty, and not an earlier demo"
        raise UsageError("demo.folder", words, "Name another folder with --dir")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("Made by `noshow demo`, which replaces this folder each time.\n", encoding="utf-8")


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
