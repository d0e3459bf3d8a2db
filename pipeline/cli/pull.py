"""Pull or replay, print the outcome of each walk, and erase the contacts that the API asks to forget."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import typer

from pipeline.cli.exits import EXIT_CODES, kept_if_interrupted, say
from pipeline.cli.forgetting import forget
from pipeline.cli.ingest import print_outcomes, say_refused
from pipeline.cli.json_output import print_json
from pipeline.cli.terminal import showing_progress
from pipeline.load.outcomes import FileOutcome
from pipeline.pulling.pull import Pulled, pull, replay
from pipeline.pulling.walking import Fetched
from pipeline.store.ledger import COUNTS
from pipeline.store.saved_pulls import walk_of
from queries.errors import DataRefused, UsageError
from queries.model.api_paths import MAX_PAGE

# Walks whose names mean nothing to a user, in words.
_NAMES = {
    "events": "calendar events",
    "attendances": "attendance",
    "again": "attendance asked for once more",
    "deleted": "deleted at the source",
}
_KEPT = "the fetched pages are kept. Run it again to go on from there"


def run(since: str | None, full: bool, again: bool, as_json: bool, wait: float, db: Path | None) -> None:
    """Pull or replay, and print; exit with 65 if a part was refused or a walk had no valid record."""
    _, code = load(since, full, again, as_json, wait, db)
    if code:
        raise typer.Exit(code)


def load(
    since: str | None, full: bool, again: bool, as_json: bool, wait: float, db: Path | None
) -> tuple[Sequence[FileOutcome], int]:
    """Pull or replay, and print; return the outcome of each walk, and the exit code of `run`."""
    if sum((since is not None, full, again)) > 1:
        raise UsageError("pull.options", "--since, --full and --replay exclude each other", "Give one of them")
    pulled = _replay(db, wait) if again else _pull(since, full, wait, db)
    outcomes = summed(pulled.outcomes)
    changed = [] if again else _changed(outcomes)
    if not again and not changed:
        _say_scope(pulled)
    if as_json:
        print_json([outcome.to_json() for outcome in outcomes])
    else:
        print_outcomes(outcomes)
    forget(db, pulled.forget, wait)
    for line in pulled.left_out:
        say(f"pulled without: {line}")
    for line in changed:
        say(line)
    is_refused = bool(changed) or (again and say_refused(pulled.outcomes))
    return outcomes, EXIT_CODES[DataRefused] if is_refused else 0


def _replay(db: Path | None, wait: float) -> Pulled:
    with showing_progress() as progress:
        return replay(db, wait=wait, progress=progress)


def _pull(since: str | None, full: bool, wait: float, db: Path | None) -> Pulled:
    moment = _read_moment(since) if since is not None else None
    with showing_progress() as progress, kept_if_interrupted(_KEPT):
        return pull(db, since=moment, full=full, wait=wait, fetched=_as_fetched(progress), progress=progress)


def summed(outcomes: Sequence[FileOutcome]) -> list[FileOutcome]:
    """Add up the outcomes of the parts of each walk: one outcome for each walk."""
    return [_sum(walk, list(parts)) for walk, parts in groupby(outcomes, _walk_in_words)]


def _walk_in_words(outcome: FileOutcome) -> str:
    name = walk_of(outcome.file).split("-")[0]
    return _NAMES.get(name, name)


def _sum(walk: str, parts: list[FileOutcome]) -> FileOutcome:
    counts = {name: sum(getattr(part, name) for part in parts) for name in COUNTS}
    refused = next((part.refused for part in parts if part.refused), None)
    known = all(part.already_loaded for part in parts)
    replaced = sum(part.replaced for part in parts)
    # The parts of a walk may be about the same things, so different things are not added up.
    odd: dict[str, Any] = {"replaced": replaced, "distinct": {}, "findings": (), "warnings": ()}
    return replace(parts[0], file=walk, refused=refused, already_loaded=known, **odd, **counts)


def _changed(outcomes: Sequence[FileOutcome]) -> list[str]:
    """A line for each walk of which nothing could be loaded: the shape of the API's answers has probably changed."""
    return [f"{outcome.file}: {change}" for outcome in outcomes if (change := _change(outcome))]


def _change(outcome: FileOutcome) -> str | None:
    if outcome.refused:
        why = f"{outcome.refused.message} [{outcome.refused.code}]"
        return f"the API's answer is refused: {why}. Is this noshow up to date? The next pull fetches it again"
    if outcome.quarantined == outcome.read >= MAX_PAGE:
        why = f"none of {outcome.read:,} records is valid"
        return f"the API's answer has changed: {why}. See `noshow quarantine list`; is this noshow up to date?"
    return None


def _say_scope(pulled: Pulled) -> None:
    scope = f"all changes since {pulled.since.isoformat(timespec='seconds')}" if pulled.since else "everything"
    older = "; older records are not pulled: `noshow pull --full` fetches them" if pulled.is_beginning else ""
    say(f"pulled {scope}{', begun by an earlier run' if pulled.gone_on else ''}{older}")


def _as_fetched(progress: object) -> Fetched | None:
    return (lambda walk, records: progress(Path(walk), records)) if callable(progress) else None


def _read_moment(text: str) -> dt.datetime:
    """Read a date or a moment of ISO 8601, in UTC if it has no zone. Raises `UsageError`."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("pull.since", f"--since {text!r} is not a date", "For example --since 2026-03-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
