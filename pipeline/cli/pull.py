"""How much is wanted goes in; it is pulled, what became of it is printed, and who is to be forgotten is erased."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import typer

from pipeline.cli import EXIT_CODES, left_when_interrupted, tell
from pipeline.cli.forgetting import forget
from pipeline.cli.ingest import print_outcomes, shown_progress, tell_refused
from pipeline.load.ingestion import FileOutcome
from pipeline.pulling.pull import Pulled, pull, replay
from pipeline.pulling.walking import Fetched
from pipeline.store.ledger import COUNTS
from pipeline.store.saved_pulls import walk_of
from queries.errors import DataRefused, UsageError
from queries.model.api_paths import MAX_PAGE

# What a person calls a walk, where that is not its own name.
_NAMES = {
    "events": "calendar events",
    "attendances": "attendance",
    "again": "attendance asked for once more",
    "deleted": "deleted at the source",
}
_KEPT = "the pages fetched are kept. Run it again to go on from there"


def run(since: str | None, full: bool, again: bool, as_json: bool, wait: float, db: Path | None) -> None:
    """Pull or replay, and print; exit with 65 where a part was refused."""
    if sum((since is not None, full, again)) > 1:
        raise UsageError("pull.options", "--since, --full and --replay exclude each other", "Give one of them")
    pulled = _replayed(db, wait) if again else _pulled(since, full, wait, db)
    outcomes = summed(pulled.outcomes)
    changed = [] if again else _changed(outcomes)
    if not again and not changed:
        _tell(pulled)
    if as_json:
        typer.echo(json.dumps([outcome.to_json() for outcome in outcomes], ensure_ascii=False, indent=2))
    else:
        print_outcomes(outcomes)
    forget(db, pulled.forget, wait)
    for line in changed:
        tell(line)
    if changed or (again and tell_refused(pulled.outcomes)):
        raise typer.Exit(EXIT_CODES[DataRefused])


def _replayed(db: Path | None, wait: float) -> Pulled:
    with shown_progress() as progress:
        return replay(db, wait=wait, progress=progress)


def _pulled(since: str | None, full: bool, wait: float, db: Path | None) -> Pulled:
    moment = _moment(since) if since is not None else None
    with shown_progress() as progress, left_when_interrupted(_KEPT):
        return pull(db, since=moment, full=full, wait=wait, fetched=_counted(progress), progress=progress)


def summed(outcomes: Sequence[FileOutcome]) -> list[FileOutcome]:
    """One outcome a walk: the counts of its parts together."""
    return [_sum(walk, list(parts)) for walk, parts in groupby(outcomes, _walk_of)]


def _walk_of(outcome: FileOutcome) -> str:
    name = walk_of(outcome.file).split("-")[0]
    return _NAMES.get(name, name)


def _sum(walk: str, parts: list[FileOutcome]) -> FileOutcome:
    counts = {name: sum(getattr(part, name) for part in parts) for name in COUNTS}
    refused = next((part.refused for part in parts if part.refused), None)
    known = all(part.already_loaded for part in parts)
    return replace(parts[0], file=walk, warnings=(), refused=refused, already_loaded=known, **counts)


def _changed(outcomes: Sequence[FileOutcome]) -> list[str]:
    """A line for each walk of which nothing could be loaded."""
    return [f"{outcome.file}: {change}" for outcome in outcomes if (change := _change(outcome))]


def _change(outcome: FileOutcome) -> str | None:
    if outcome.refused:
        why = f"{outcome.refused.message} [{outcome.refused.code}]"
        return f"what the API answered is refused: {why}. Is this noshow up to date? The next pull fetches it again"
    if outcome.quarantined == outcome.read >= MAX_PAGE:
        why = f"none of {outcome.read:,} records is valid"
        return f"the API's answer has changed: {why}. See `noshow quarantine list`; is this noshow up to date?"
    return None


def _tell(pulled: Pulled) -> None:
    what = f"what changed since {pulled.since.isoformat(timespec='seconds')}" if pulled.since else "everything"
    older = "; what is older is not pulled: `noshow pull --full` brings it" if pulled.is_beginning else ""
    tell(f"pulled {what}{', begun by an earlier run' if pulled.gone_on else ''}{older}")


def _counted(progress: object) -> Fetched | None:
    return (lambda what, records: progress(Path(what), records)) if callable(progress) else None


def _moment(text: str) -> dt.datetime:
    """A date or a moment of ISO 8601; without a zone in UTC."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError("pull.since", f"--since {text!r} is no date", "For example --since 2026-03-01") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
