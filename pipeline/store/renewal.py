"""Rewrite the files of a store after an erasure, so that no file keeps the bytes of erased rows.

DuckDB leaves the bytes of a deleted or updated row in its file, even after CHECKPOINT and VACUUM (measured); a copy
made by reading the rows has none of them. An empty file beside the database marks the store from before the rows change
until all files are new: if the process ends in between, the next one that opens the store for writing does the rest.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from pathlib import Path

import duckdb

from pipeline.store.files import StoreFiles, write_ahead_log
from pipeline.store.publication import copy_database, publish_rewritten, remove_unfinished
from pipeline.store.written_forms import apart, bytes_of, own_forms_of
from queries.files import sync

_AT_ONCE = 4 * 2**20
_NEIGHBOURS = 16


def mark(path: Path) -> None:
    """Mark the store as one to renew, before anything in it is erased."""
    StoreFiles(path).erasing_mark.touch()
    sync(path.parent)


def renew(files: StoreFiles, open_work: Callable[[StoreFiles], duckdb.DuckDBPyConnection]) -> None:
    """Rewrite snapshot and work file of a marked store, then remove older snapshots, logs and half-written files.

    For the only writer, with the store closed.
    """
    # Each step can be repeated, and the mark goes last: a crash anywhere leads to the whole renewal being done again.
    if not files.erasing_mark.exists():
        return
    new = files.renewed_work
    new.unlink(missing_ok=True)
    with closing(open_work(files)) as connection:
        publish_rewritten(connection, files)
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
    """List the files whose bytes contain any of the texts, in any case or with JSON's escapes.

    Never for a file that this process has open as a database: reading it would release DuckDB's lock.
    """
    sought = bytes_of(own_forms_of(texts))
    return [path for path in paths if holds(path, sought)]


def holds(path: Path, sought: Collection[bytes], *, numbers_apart: bool = False) -> bool:
    """Whether the bytes of a file, with ASCII letters in lower case, contain any of those that are sought.

    With `numbers_apart` a number within a longer one does not count.
    """
    # The end of each block is searched again with the next one: with the longest text of 5 bytes the last 4 are kept,
    # so that `smith` is found when one block ends in `smi` and the next begins with `th`.
    # Some more are kept, since a number is judged by its neighbours.
    overlap = max(map(len, sought), default=0) - 1 + _NEIGHBOURS * numbers_apart
    with path.open("rb") as file:
        kept = b""
        while sought and (block := file.read(_AT_ONCE)):
            searched = kept + block.lower()
            if any(stands_in(searched, text, numbers_apart=numbers_apart) for text in sought):
                return True
            kept = searched[-overlap:] if overlap else b""
    return False


def stands_in(searched: bytes, text: bytes, *, numbers_apart: bool) -> bool:
    """Whether bytes contain a text; with `numbers_apart` a number within a longer one does not count."""
    if text not in searched:
        return False
    return not (numbers_apart and text.isdigit()) or re.search(apart(text.decode()).encode(), searched) is not None
