"""The output of commands on a terminal: tables on stdout, and a line on stderr while they work.

Every command uses this, so it imports nothing that loads or reads data, and `rich.progress` only if it is seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from pipeline.cli.exits import is_quiet
from pipeline.printable import shown


def stdout_console() -> Console:
    """A console for results: as wide as the terminal, or wide enough not to cut them in a file or pipe."""
    return Console(width=None if sys.stdout.isatty() else 200)


@contextmanager
def showing_progress() -> Iterator[Callable[[Path, int], None] | None]:
    """Show the file being read and its records so far in a line on stderr, if that is a terminal."""
    console = Console(stderr=True)
    if is_quiet() or not console.is_terminal:
        yield None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

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
    if is_quiet() or not console.is_terminal:
        yield lambda name: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    with Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True
    ) as progress:
        line = progress.add_task(task, total=None)
        yield lambda step: progress.update(line, description=escape(f"{task}: {step}"))
