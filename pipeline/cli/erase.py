"""A contact's id goes in; the person is erased, what was removed is printed in numbers, and what is left is told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import typer

import pipeline
from pipeline.cli import tell

# What was removed, for one and for more.
_WORDS = {
    "bookings": ("booking no longer names the contact", "bookings no longer name the contact"),
    "notifications": ("notification lost its message", "notifications lost their message"),
    "quarantined": ("record removed from quarantine", "records removed from quarantine"),
    "ledger_texts": ("load lost texts in the ledger", "loads lost texts in the ledger"),
    "pages": ("saved page no longer tells of the contact", "saved pages no longer tell of the contact"),
    "snapshots": ("older snapshot removed", "older snapshots removed"),
}


def run(contact: str, also: Sequence[str], as_json: bool, wait: float, db: Path | None) -> None:
    """Erase and print; never who it was."""
    erased = pipeline.erase(db, contact, also, wait=wait)
    typer.echo(json.dumps(erased.to_json(), ensure_ascii=False, indent=2) if as_json else "\n".join(_lines(erased)))
    for place, rows in erased.still_said.items():
        tell(f"{place}: {rows:,} rows of others, or of no contact, have the same text")
    for file in erased.other_files:
        tell(f"{file}: names the contact, and is not the store's: remove it yourself")


def _lines(erased: pipeline.Erased) -> list[str]:
    counts = {name: getattr(erased, name) for name in _WORDS}
    lines = [f"{count:,} {_WORDS[name][count != 1]}" for name, count in counts.items()]
    return ["erased before", *(line for line in lines if line[0] != "0")] if erased.already_erased else lines
