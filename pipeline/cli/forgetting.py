"""Erase the contacts that the API asks to forget, and say how many, never who."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pipeline
from pipeline.cli.erase import KEPT, name_files
from pipeline.cli.exits import kept_if_interrupted, say
from pipeline.cli.model import train_again


def forget(db: Path | None, contacts: Sequence[str], wait: float) -> None:
    """Erase each of them, as `noshow erase` does."""
    model_forgotten = False
    for contact in contacts:
        with kept_if_interrupted(KEPT):
            erased = pipeline.erase(db, contact, wait=wait, on_other_files=name_files("an erased contact"))
        model_forgotten = model_forgotten or erased.model_forgotten
    if contacts:
        say(f"{len(contacts):,} {'contact' if len(contacts) == 1 else 'contacts'} erased, as the source asked")
    if model_forgotten:
        train_again(db, wait)
