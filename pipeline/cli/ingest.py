"""Load files and print the outcome of each; refusals go to stderr."""

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
from pipeline.cli.exits import EXIT_CODES, say
from pipeline.cli.forgetting import forget
from pipeline.load.deletions import contacts_to_forget
from pipeline.load.ingestion import FileOutcome
from pipeline.load.run import Progress as LoadProgress
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
    """Ingest and print; exit with 65 if a file was refused."""
    passed_over: list[Path] = []
    with showing_progress() as progress, pipeline.open_store(db, wait=wait) as store:
        for lost in store.to_load_again:
            say(f"load {lost.load_id} was lost; load {lost.file} again")
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
        say(f"passed over, since their names end in no known format: {', '.join(map(shown, passed_over))}")
    if as_json:
        typer.echo(json.dumps([outcome.to_json() for outcome in outcomes], ensure_ascii=False, indent=2))
    else:
        print_outcomes(outcomes)
    if say_refused(outcomes):
        raise typer.Exit(EXIT_CODES[DataRefused])


def say_refused(outcomes: Sequence[FileOutcome]) -> bool:
    """Print a line on stderr for each refused file; return whether there was any."""
    refused = [(outcome.file, outcome.refused) for outcome in outcomes if outcome.refused]
    for file, refusal in refused:
        hint = f". {refusal.hint}" if refusal.hint else ""
        say(f"{file}: {refusal.message} [{refusal.code}]{hint}")
    return bool(refused)


def print_outcomes(outcomes: Sequence[FileOutcome]) -> None:
    """Print a table with a row for each file, and a row of sums if there are several."""
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
    """A console for results: as wide as the terminal, or wide enough not to cut them in a file or pipe."""
    return Console(width=None if sys.stdout.isatty() else 200)


def _note(outcome: FileOutcome) -> str:
    if outcome.refused:
        return f"refused: {outcome.refused.code}"
    return ", ".join([*(["loaded before"] if outcome.already_loaded else []), *outcome.warnings])


@contextmanager
def showing_progress() -> Iterator[LoadProgress | None]:
    """Show the file being read and its records so far in a line on stderr, if that is a terminal."""
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
def showing_steps(task: str) -> Iterator[Callable[[str], None]]:
    """Show the current step of a task in a line on stderr, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda name: None
        return
    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as progress:
        line = progress.add_task(task, total=None)
        yield lambda step: progress.update(line, description=escape(f"{task}: {step}"))
