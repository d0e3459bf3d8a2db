"""A store in which a person was erased goes in; the same store comes out in new files, with none of the old bytes.

A row that is deleted or changed stays in the bytes of a DuckDB file; a copy made by reading has none of them. A mark,
an empty file beside the database, is there from before the rows change until all files are new: where a process ends
in between, the next one that opens the store for writing does the rest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.store.files import StoreFiles, write_ahead_log
from pipeline.store.publication import copy_database, publish, remove_unfinished
from queries.files import sync

_AT_ONCE = 4 * 2**20


def mark(path: Path) -> None:
    """Note that the store is to be renewed, before anything in it is erased."""
    StoreFiles(path).erasing_mark.touch()
    sync(path.parent)


def renew(files: StoreFiles, open_work: Callable[[StoreFiles], duckdb.DuckDBPyConnection]) -> None:
    """Where the store is marked: publish it, make its work file anew, remove older snapshots and what was left over.

    For the only writer, with the store closed.
    """
    if not files.erasing_mark.exists():
        return
    new = files.renewed_work
    new.unlink(missing_ok=True)
    with closing(open_work(files)) as connection:
        publish(connection, files.snapshot, rewritten=True)
        copy_database(connection, new)
    write_ahead_log(files.work).unlink(missing_ok=True)
    new.replace(files.work)
    sync(files.folder)
    remove_unfinished(files.snapshot)
    for old in (*files.older(), *files.left_by_renewal(), *files.beside_databases()):
        _remove(old)
    sync(files.folder)
    files.erasing_mark.unlink()
    sync(files.folder)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def files_that_hold(paths: Iterable[Path], texts: Iterable[str]) -> list[Path]:
    """The files in whose bytes any of the texts stands, as it is, in lower case or with JSON's escapes.

    Never for a file that this process has open as a database: that would lose DuckDB its lock.
    """
    sought = forms_of(texts)
    return [path for path in paths if sought and _holds(path, sought)]


def forms_of(texts: Iterable[str]) -> set[bytes]:
    """How texts stand in bytes that were put in lower case: as they are, or with JSON's escapes."""
    return {form.encode().lower() for text in texts for form in (text, text.casefold(), json.dumps(text)[1:-1])}


def _holds(path: Path, sought: set[bytes]) -> bool:
    overlap = max(map(len, sought)) - 1
    with path.open("rb") as file:
        before = b""
        while block := file.read(_AT_ONCE):
            here = before + block.lower()
            if any(text in here for text in sought):
                return True
            before = here[len(here) - overlap :] if overlap else b""
    return False
