"""Paths go in; the outcome of each file is printed, and what was refused is told on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import pipeline
from pipeline.cli import EXIT_CODES, tell
from pipeline.cli.forgetting import forget
from pipeline.load.deletions import contacts_to_forget
from pipeline.load.ingestion import FileOutcome
from pipeline.load.run import Progress as Report
from pipeline.sources import shown
from pipeline.store.ledger import COUNTS
from queries.errors import DataRefused


def run(
    paths: Sequence[Path],
    db: Path | None,
    kind: str | None,
    source_format: str | None,
    mapping: Path | None,
    encoding: str,
    as_json: bool,
    wait: float,
) -> None:
    """Ingest and print; exit with 65 where a file was refused."""
    passed_over: list[Path] = []
    with shown_progress() as progress, pipeline.open_store(db, wait=wait) as store:
        for lost in store.to_load_again:
            tell(f"load {lost.load_id} was lost; load {lost.file} again")
        outcomes = pipeline.ingest(
            store,
            paths,
            kind=kind,
            format=source_format,
            encoding=encoding,
            mapping=mapping,
            progress=progress,
            passed_over=passed_over.append,
        )
        contacts = contacts_to_forget(store.connection)
    forget(db, contacts, wait)
    if passed_over:
        tell(f"passed over, no format told by the name: {', '.join(map(shown, passed_over))}")
    if as_json:
        typer.echo(json.dumps([outcome.to_json() for outcome in outcomes], ensure_ascii=False, indent=2))
    else:
        print_outcomes(outcomes)
    if tell_refused(outcomes):
        raise typer.Exit(EXIT_CODES[DataRefused])


def tell_refused(outcomes: Sequence[FileOutcome]) -> bool:
    """One line on stderr for each refused file; whether there was any."""
    refused = [(outcome.file, outcome.refused) for outcome in outcomes if outcome.refused]
    for file, refusal in refused:
        hint = f". {refusal.hint}" if refusal.hint else ""
        tell(f"{file}: {refusal.message} [{refusal.code}]{hint}")
    return bool(refused)


def print_outcomes(outcomes: Sequence[FileOutcome]) -> None:
    """A table with a row a file, and their sum where there are several."""
    table = Table(box=box.SIMPLE_HEAD, show_footer=len(outcomes) > 1)
    table.add_column("file", "all", overflow="fold")
    table.add_column("kind")
    for count in COUNTS:
        table.add_column(count, f"{sum(getattr(outcome, count) for outcome in outcomes):,}", justify="right")
    table.add_column("note")
    for outcome in outcomes:
        counts = [f"{getattr(outcome, count):,}" for count in COUNTS]
        table.add_row(escape(Path(outcome.file).name), outcome.kind or "", *counts, _note(outcome))
    stdout_console().print(table)


def stdout_console() -> Console:
    """For results: as wide as the terminal, and never cut where stdout is a file or a pipe."""
    return Console(width=None if sys.stdout.isatty() else 200)


def _note(outcome: FileOutcome) -> str:
    if outcome.refused:
        return f"refused: {outcome.refused.code}"
    return ", ".join([*(["loaded before"] if outcome.already_loaded else []), *outcome.warnings])


@contextmanager
def shown_progress() -> Iterator[Report | None]:
    """A line on stderr that moves, where stderr is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,} records"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)
        yield lambda path, read: progress.update(task, description=escape(shown(Path(path.name))), completed=read)


@contextmanager
def shown_steps(what: str) -> Iterator[Callable[[str], None]]:
    """A line on stderr that names what is being done, where stderr is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as progress:
        task = progress.add_task(what, total=None)
        yield lambda name: progress.update(task, description=escape(f"{what}: {name}"))
