"""Contacts whom the API asks to be forgotten go in; they are erased, and how many is told, never who."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pipeline
from pipeline.cli import tell


def forget(db: Path | None, contacts: Sequence[str], wait: float) -> None:
    """Erase each of them, as `noshow erase` does."""
    for contact in contacts:
        erased = pipeline.erase(db, contact, wait=wait)
        for file in erased.other_files:
            tell(f"{file}: names a contact that was erased, and is not the store's: remove it yourself")
    if contacts:
        tell(f"{len(contacts):,} {'contact' if len(contacts) == 1 else 'contacts'} erased, as the source asked")
