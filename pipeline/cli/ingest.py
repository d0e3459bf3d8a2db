"""Load files and print the outcome of each; refusals go to stderr."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

import pipeline
from pipeline.cli.exits import EXIT_CODES, MUCH_SET_ASIDE, say, say_always
from pipeline.cli.forgetting import forget
from pipeline.cli.json_output import print_json
from pipeline.cli.loaded import in_words_depending, in_words_unloaded, notes, things
from pipeline.cli.mapping_given import read_given
from pipeline.cli.streams import named
from pipeline.cli.terminal import showing_progress, stdout_console
from pipeline.load.deletions import contacts_to_forget
from pipeline.load.outcomes import FileOutcome
from pipeline.printable import printable, shown
from pipeline.store.ledger import COUNTS
from queries.errors import DataRefused, UsageError

_COMPLETE = "Add --complete, or leave them out"


@dataclass(frozen=True, slots=True)
class IngestOptions:
    """How files are read, and whether loading them takes anything back. `first` and `last` are dates as typed."""

    kind: str | None = None
    source_format: str | None = None
    mapping: Path | None = None
    encoding: str = "utf-8"
    complete: bool = False
    first: str | None = None
    last: str | None = None
    replace: bool = False
    dates: str | None = None


def run(paths: Sequence[Path], options: IngestOptions, as_json: bool, wait: float, db: Path | None) -> None:
    """Ingest and print; exit with 65 if a file was refused, with 3 if too much of one was set aside."""
    _, code = load(paths, options, as_json, wait, db)
    if code:
        raise typer.Exit(code)


def load(
    paths: Sequence[Path], options: IngestOptions, as_json: bool, wait: float, db: Path | None
) -> tuple[Sequence[FileOutcome], int]:
    """Ingest and print; return the outcome of each file, and the exit code of `run`."""
    passed_over: list[Path] = []
    dates = _dates(options)
    # Before the database is opened, which would be made for nothing if the mapping is wrong.
    mapping = read_given(options.mapping) if options.mapping else None
    with showing_progress() as progress, pipeline.open_store(db, wait=wait) as store:
        for lost in store.to_load_again:
            say_always(f"load {lost.load_id} was lost; load {lost.file} again")
        outcomes = pipeline.ingest(
            store,
            paths,
            named=named,
            kind=options.kind,
            format=options.source_format,
            encoding=options.encoding,
            mapping=mapping,
            progress=progress,
            passed_over=passed_over.append,
            complete=dates,
            replace=options.replace,
            dates=options.dates,
        )
        contacts = contacts_to_forget(store.connection)
        share = store.settings.max_quarantined_share
    forget(db, contacts, wait)
    if passed_over:
        say(f"passed over, since their names end in no known format: {', '.join(map(shown, passed_over))}")
    if as_json:
        print_json([outcome.to_json() for outcome in outcomes])
    else:
        print_outcomes(outcomes)
        for outcome in outcomes:
            for line in notes(outcome):
                typer.echo(printable(line, limit=10_000))
    _say_left_out(outcomes)
    _say_taken_back(outcomes)
    much = _say_set_aside(outcomes, share)
    if say_refused(outcomes):
        return outcomes, EXIT_CODES[DataRefused]
    return outcomes, MUCH_SET_ASIDE if much else 0


def _dates(options: IngestOptions) -> pipeline.Dates | None:
    """The dates of which the files are all there is. Raises `UsageError` for dates without --complete."""
    if not options.complete:
        if options.first or options.last:
            raise UsageError(
                "complete.missing", "--from and --to say of which dates the files are --complete", _COMPLETE
            )
        return None
    return pipeline.Dates(_date("--from", options.first), _date("--to", options.last))


def _date(option: str, text: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError("complete.dates", f"'{option} {text}' is not a date", "Write it as 2026-03-31") from None


def _say_left_out(outcomes: Sequence[FileOutcome]) -> None:
    """Say which files brought nothing since the mapping leaves all of their rows out: it may be the wrong mapping."""
    for outcome in outcomes:
        if outcome.read and outcome.left_out == outcome.read and not outcome.already_loaded:
            say(f"{outcome.file}: the conditions of the mapping (`when`) leave out all of its {outcome.read:,} rows")


def _say_taken_back(outcomes: Sequence[FileOutcome]) -> None:
    """Say which earlier loads were taken back or could be, and why bookings gone at the source were not removed."""
    for outcome in outcomes:
        for one in outcome.unloaded:
            say(f"{outcome.file}: took back {in_words_unloaded(one)}")
        for earlier in outcome.earlier:
            brought = things(earlier.distinct_keys) or f"{earlier.counts['loaded']:,} records"
            say(
                f"{outcome.file} was loaded before under another mapping (load {earlier.load_id}: {brought}): "
                "`--replace` takes that back"
            )
        if outcome.not_removed:
            say(f"bookings gone at the source were not removed: {outcome.not_removed}")
    if depending := in_words_depending(one for outcome in outcomes for one in outcome.unloaded):
        say(depending)


def _say_set_aside(outcomes: Sequence[FileOutcome], share: float) -> bool:
    """Say which rules were broken most if more than a share of a file was set aside; return whether any was."""
    much = [
        outcome
        for outcome in outcomes
        if outcome.sets_aside_more_than(share) and not outcome.already_loaded and not outcome.refused
    ]
    for outcome in much:
        say(
            f"{outcome.file}: {outcome.quarantined:,} of {outcome.read:,} records were set aside, "
            f"more than {100 * share:g} % of them (setting max_quarantined_share)"
        )
        for broken in outcome.commonest:
            say(f"  {broken.records:,}: {broken.rule}: {broken.example.in_words()}")
        say("`noshow quarantine list` shows them")
    return bool(much)


def say_refused(outcomes: Sequence[FileOutcome]) -> bool:
    """Print a line on stderr for each refused file; return whether there was any."""
    refused = [(outcome.file, outcome.refused) for outcome in outcomes if outcome.refused]
    for file, refusal in refused:
        hint = f". {refusal.hint}" if refusal.hint else ""
        say_always(f"{file}: {refusal.message} [{refusal.code}]{hint}")
    return bool(refused)


def print_outcomes(outcomes: Sequence[FileOutcome]) -> None:
    """Print a table with a row for each file, and a row of sums if there are several."""
    table = Table(box=box.SIMPLE_HEAD, show_footer=len(outcomes) > 1)
    table.add_column("file", "all", overflow="fold")
    table.add_column("kind")
    for count in COUNTS:
        table.add_column(
            count.replace("_", " "), f"{sum(getattr(outcome, count) for outcome in outcomes):,}", justify="right"
        )
    table.add_column("note")
    for outcome in outcomes:
        counts = [f"{getattr(outcome, count):,}" for count in COUNTS]
        table.add_row(escape(Path(outcome.file).name), outcome.kind or "", *counts, _note(outcome))
    stdout_console().print(table)


def _note(outcome: FileOutcome) -> str:
    title = [outcome.format.title] if outcome.format else []
    if outcome.refused:
        return ", ".join([*title, f"refused: {outcome.refused.code}"])
    known = ["loaded before"] if outcome.already_loaded else []
    return ", ".join([*title, *known, *filter(None, [things(outcome.distinct)]), *outcome.warnings])
