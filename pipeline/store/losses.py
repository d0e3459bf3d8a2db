"""Refuse to write to a database from which commits are missing that its journal knows of."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from pipeline.store.files import StoreFiles
from pipeline.store.journal import Entry, Journal, read_journal
from queries.errors import DataRefused


def require_no_journal(path: Path) -> None:
    """Raise `DataRefused` if a journal is left of a database that is gone, instead of silently creating another."""
    journal = StoreFiles(path).journal
    if read_journal(journal, "").database:
        raise DataRefused(
            "database.gone",
            f"{path}: the database is gone, but {journal.name} shows that there was one",
            "Put its files back, or run `noshow doctor --recover`, which starts afresh and lists what to load again",
        )


def require_nothing_lost(
    path: Path, loaded: Collection[str], generation: int, journal: Journal, published: int
) -> list[Entry]:
    """Return the lost loads that were reported before, of files to be loaded again; marks are left out.

    `loaded` are the hashes in the ledger. `generation` is that of the work file, and `published` that of the
    published snapshot, 0 without one. Raises `DataRefused` for a loss that has not been reported yet: a load that is in
    the journal and not in the ledger, or a change that the journal or the published snapshot has and the work file has
    not.
    """
    missing = journal.missing(loaded)
    unreported = [entry for entry in missing if entry.sha256 not in journal.reported_lost]
    if unreported or generation < max(journal.generation, published):
        raise DataRefused(
            "database.loads_missing",
            f"{path}: commits are missing from the work file: {_in_words(unreported)}",
            "Run `noshow doctor --recover`, which lists what to load again",
        )
    return [entry for entry in missing if entry.kind != "mark"]


def _in_words(entries: list[Entry]) -> str:
    """List up to ten loads for a message. Without any, only the change number shows that something is lost."""
    named = [f"load {entry.load_id} ({entry.file})" for entry in entries]
    return (
        ", ".join(named[:10]) + (f" and {len(named) - 10} more" if len(named) > 10 else "") or "changes without a load"
    )
