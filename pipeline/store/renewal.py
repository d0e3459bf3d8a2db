"""A store in which a person was erased goes in; the same store comes out in new files, with none of the old bytes.

A row that is deleted or changed stays in the bytes of a DuckDB file; a copy made by reading has none of them. A mark,
an empty file beside the database, is there from before the rows change until all files are new: where a process ends
in between, the next one that opens the store for writing does the rest.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from glob import escape
from pathlib import Path

import duckdb

from pipeline.store.journal import journal_path
from pipeline.store.publication import copy_database, previous_snapshots, publish, remove_unfinished, sync

_AT_ONCE = 4 * 2**20


def mark_path(path: Path) -> Path:
    """The mark of a store that is to be renewed."""
    return path.with_name(f".{path.stem}.erasing")


def mark(path: Path) -> None:
    """Note that the store is to be renewed, before anything in it is erased."""
    mark_path(path).touch()
    sync(path.parent)


def renew(path: Path, work: Path, open_work: Callable[[Path, Path], duckdb.DuckDBPyConnection]) -> None:
    """Where the store is marked: publish it, make its work file anew, remove older snapshots and what was left over.

    For the only writer, with the store closed.
    """
    if not mark_path(path).exists():
        return
    new = path.with_name(f".{path.stem}.renewed{path.suffix}")
    new.unlink(missing_ok=True)
    with closing(open_work(path, work)) as connection:
        publish(connection, path, rewritten=True)
        copy_database(connection, new)
    _wal_of(work).unlink(missing_ok=True)
    new.replace(work)
    sync(path.parent)
    remove_unfinished(path)
    for old in _outdated(path, work):
        _remove(old)
    sync(path.parent)
    mark_path(path).unlink()
    sync(path.parent)


def older_files(path: Path) -> list[Path]:
    """The snapshots that were published before, and files that were set aside as damaged."""
    snapshots = [file for file in previous_snapshots(path) if file.exists()]
    return [*snapshots, *sorted(path.parent.glob(f"{escape(path.stem)}.damaged-*"))]


def _outdated(path: Path, work: Path) -> Iterator[Path]:
    """Older files, and what killed processes left: half-written files and what DuckDB writes beside them."""
    yield from older_files(path)
    yield from path.parent.glob(f".{escape(path.stem)}.renewed*")
    for database in (path, work):
        yield from _beside(database)


def _beside(database: Path) -> Iterator[Path]:
    """What DuckDB writes beside a database, logs and a folder for what memory lacks."""
    yield from database.parent.glob(f"{escape(database.name)}.wal*")
    yield from database.parent.glob(f"{escape(database.name)}.tmp")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def store_files(path: Path) -> list[Path]:
    """Every file of the store: database, work file, older snapshots, lock, journal, and any that is hidden."""
    work = path.with_name(f"{path.stem}.work{path.suffix}")
    named = (path, work, path.with_name(f"{path.stem}.lock"), journal_path(path))
    hidden = path.parent.glob(f".{escape(path.stem)}.*")
    found = {*named, *older_files(path), *hidden, *_beside(path), *_beside(work)}
    return sorted(file for file in found if file.is_file())


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


def _wal_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.wal")
