"""A work database and its journal go in; what was committed once and is not there any more comes out."""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.store.files import StoreFiles
from pipeline.store.journal import Entry, Journal, read_journal
from pipeline.store.ledger import hashes
from pipeline.store.publication import generation, published_generation
from queries.errors import DataRefused


def require_no_journal(path: Path) -> None:
    """Raise `DataRefused` where a journal tells of a database that is gone: it is not made anew in silence."""
    journal = StoreFiles(path).journal
    if read_journal(journal, "").database:
        raise DataRefused(
            "database.gone",
            f"{path}: the database is gone, and {journal.name} tells that there was one",
            "Put its files back, or run `noshow doctor --recover`, which begins anew and tells what to load again",
        )


def require_nothing_lost(connection: duckdb.DuckDBPyConnection, path: Path, journal: Journal) -> list[Entry]:
    """The files to load again, of losses that were told before.

    Raises `DataRefused` for a loss that nobody was told of: loads that the journal knows and the ledger does not, or
    changes that readers have seen.
    """
    missing = journal.missing(hashes(connection))
    untold = [entry for entry in missing if entry.sha256 not in journal.told]
    known = max(journal.generation, published_generation(path) if path.exists() else 0)
    if untold or generation(connection) < known:
        raise DataRefused(
            "database.loads_missing",
            f"{path}: what was committed is missing from the work file: {loads_in_words(untold)}",
            "Run `noshow doctor --recover`, which tells what to load again",
        )
    return [entry for entry in missing if entry.kind != "mark"]


def loads_in_words(entries: list[Entry]) -> str:
    """Loads for a line of a message."""
    named = [f"load {entry.load_id} ({entry.file})" for entry in entries]
    return ", ".join(named[:10]) + (f" and {len(named) - 10} more" if len(named) > 10 else "") or "changes"
