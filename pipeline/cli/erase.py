"""Erase a person, and print how much was removed and which files or rows still hold their texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

import pipeline
from pipeline.cli.exits import kept_if_interrupted, say
from pipeline.cli.json_output import json_text
from pipeline.cli.model import train_again

# For the last line of an erasure that is interrupted.
KEPT = "run it again: an erasure that was begun is finished then"
# Each count of `Erased` in words, for one and for several.
_WORDS = {
    "bookings": ("booking no longer names the contact", "bookings no longer name the contact"),
    "notifications": ("notification lost its message", "notifications lost their message"),
    "quarantined": ("record removed from quarantine", "records removed from quarantine"),
    "calls": ("booking removed from lists of calls", "bookings removed from lists of calls"),
    "ledger_texts": ("load lost texts in the ledger", "loads lost texts in the ledger"),
    "pages": ("saved page no longer names the contact", "saved pages no longer name the contact"),
    "snapshots": ("older snapshot removed", "older snapshots removed"),
}


def run(contact: str, also: Sequence[str], as_json: bool, wait: float, db: Path | None) -> None:
    """Erase and print. The contact is never named, since output ends up in logs."""
    with kept_if_interrupted(KEPT):
        erased = pipeline.erase(db, contact, also, wait=wait, on_other_files=name_files("the contact"))
    typer.echo(json_text(erased.to_json()) if as_json else "\n".join(_lines(erased)))
    for place, rows in erased.still_said.items():
        say(f"{place}: {rows:,} rows of others, or of no contact, have the same text")
    if erased.model_forgotten:
        train_again(db, wait)


def name_files(who: str) -> Callable[[pipeline.OtherFiles], None]:
    """A function that says which files name, or may name, who is erased: `the contact`."""

    def say_each(files: pipeline.OtherFiles) -> None:
        for file in files.holding:
            say(f"{file}: names {who}, but is not part of the database: remove it yourself")
        for file in files.unread:
            say(f"{file}: cannot be read, so that it may name {who}: look into it yourself")

    return say_each


def _lines(erased: pipeline.Erased) -> list[str]:
    counts = {name: getattr(erased, name) for name in _WORDS}
    lines = [f"{count:,} {_WORDS[name][count != 1]}" for name, count in counts.items()]
    return ["erased before", *(line for line in lines if line[0] != "0")] if erased.already_erased else lines
