"""Run a night: each step that is not done yet, in order, then one summary and the exit code of the worst step."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import replace
from io import TextIOBase
from pathlib import Path
from typing import Any, TextIO

import typer

import queries
from pipeline.cli.exits import (
    EXIT_CODES,
    INTERRUPTED_QUERY,
    exit_code,
    kept_if_interrupted,
    say,
)
from pipeline.cli.json_output import print_json
from pipeline.cli.nightly.night import Night, Outcome, remove_unfinished, tonight
from pipeline.cli.nightly.plan import Step, plan
from pipeline.events import log_event
from pipeline.printable import printable
from pipeline.settings import read_settings
from pipeline.settings_file import VARIABLE, settings_file
from pipeline.store.lock import only_writer
from queries.errors import NoshowError, OutputFailed

_BUG = 1
_KEPT = "the steps that are done are kept. Run it again to go on from there"


def run(dry_run: bool, as_json: bool, wait: float, db: Path | None) -> None:
    """Run the night or print its plan; exit with the highest code of its steps.

    If the settings file is in a folder above, the paths that it names are of that folder.
    """
    file, path = settings_file(), queries.database_path(db).absolute()
    above = file.parent if file and not os.environ.get(VARIABLE) else Path()
    with chdir(above):
        _run_or_plan(dry_run, as_json, wait, path)


def _run_or_plan(dry_run: bool, as_json: bool, wait: float, path: Path) -> None:
    settings = read_settings()
    steps = plan(settings, path, wait)
    folder = Path(settings.nightly.folder if settings.nightly else "")
    now = queries.as_of_instant()
    if dry_run:
        _print_plan(tonight(folder, now, settings.site_zone), steps, path, as_json)
        return
    night = tonight(folder, now, settings.site_zone)
    if not (night.is_over and all(_is_done(night, step, path) for step in steps)):
        with only_writer(folder / "night.lock", folder, wait), kept_if_interrupted(_KEPT):
            remove_unfinished(folder)
            night = _run(tonight(folder, now, settings.site_zone), steps, path)
    _print_summary(night, steps, as_json)
    code = max((night.outcomes[step.name].code or 0 for step in steps), default=0)
    if code:
        raise typer.Exit(code)


def _run(night: Night, steps: Sequence[Step], db: Path) -> Night:
    night = replace(night, is_over=False).written()
    for step in steps:
        if not _is_done(night, step, db):
            night = night.with_outcome(step.name, _outcome(night, step, steps, db))
    return replace(night, is_over=True).written()


def _is_done(night: Night, step: Step, db: Path) -> bool:
    """Whether a step was done on these settings and, if it reads it, on this snapshot."""
    before = night.outcomes.get(step.name)
    return before is not None and before.is_done and before.asked == _asked(step, db)


def _asked(step: Step, db: Path) -> dict[str, Any]:
    """The settings of a step, and the state of the snapshot if it reads that: each load that changes it replaces it."""
    if not step.reads:
        return dict(step.asked)
    return {**step.asked, "snapshot": [db.stat().st_mtime_ns, db.stat().st_size] if db.exists() else None}


def _outcome(night: Night, step: Step, steps: Sequence[Step], db: Path) -> Outcome:
    # The loads come first, so each of them has an outcome by then.
    loads = [each.name for each in steps if each.loads] if step.needs_loads else []
    if failed := [name for name in loads if not night.outcomes[name].is_done]:
        return Outcome(None, f"not run, since this failed: {', '.join(failed)}", {}, is_done=False)
    with _logged(night, step):
        code, said, is_done = _done(night, step)
    log_event("night.step", step=step.name, exit=code)
    return Outcome(code, said, _asked(step, db), is_done)


def _done(night: Night, step: Step) -> tuple[int, str, bool]:
    """Do a step: its exit code, its words, and whether it was done.

    A bug leaves its traceback, and the steps after it are run all the same.
    """
    try:
        return (*step.do(night), True)
    except NoshowError as error:
        say(str(error))
        return exit_code(error), str(error), False
    except BrokenPipeError:
        raise
    except OSError as error:
        said = f"{error.filename or 'the system'}: {error.strerror or error}"
        say(said)
        return EXIT_CODES[OutputFailed], said, False
    except Exception as error:
        if str(error) == INTERRUPTED_QUERY:
            raise
        traceback.print_exc()
        return _BUG, f"a bug: {type(error).__name__}, see its traceback", False


class _Both(TextIOBase):
    """A stream that writes to two."""

    def __init__(self, *streams: TextIO) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        for stream in self._streams:
            stream.flush()


@contextmanager
def _logged(night: Night, step: Step) -> Iterator[None]:
    """Send the output of a step to the log of the night, and a copy of its lines on stderr."""
    with night.path("night", ".log").open("a", encoding="utf-8", errors="backslashreplace") as log:
        log.write(f"== {step.name}\n")
        both: Any = _Both(sys.stderr, log)
        with redirect_stdout(log), redirect_stderr(both):
            yield


def _print_plan(night: Night, steps: Sequence[Step], db: Path, as_json: bool) -> None:
    to_load = any(step.loads and not _is_done(night, step, db) for step in steps)
    rows = [(step, _is_done(night, step, db) and (step.loads or step.name == "clean" or not to_load)) for step in steps]
    if as_json:
        print_json(
            _head(night)
            | {"steps": [{"step": each.name, "is_done": is_done, "words": each.words} for each, is_done in rows]}
        )
        return
    typer.echo(f"Night of {night.date.isoformat()}, files in {night.folder}")
    for step, is_done in rows:
        typer.echo(f"{'done before' if is_done else 'to do':12}{printable(step.name, limit=200)}: {step.words}")


def _print_summary(night: Night, steps: Sequence[Step], as_json: bool) -> None:
    outcomes = [(step.name, night.outcomes[step.name]) for step in steps]
    if as_json:
        found = [{"step": name, "code": each.code, "said": each.said} for name, each in outcomes]
        print_json(_head(night) | {"steps": found})
        return
    typer.echo(f"Night of {night.date.isoformat()}, files in {night.folder}")
    for name, each in outcomes:
        state = "not run" if each.code is None else "done" if each.code == 0 else f"exit {each.code}"
        typer.echo(printable(f"{state:9}{name}: {each.said}", limit=10_000))


def _head(night: Night) -> dict[str, Any]:
    return {"date": night.date.isoformat(), "as_of": night.as_of.isoformat(), "folder": str(night.folder)}
