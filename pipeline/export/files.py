"""Put the files of an export in place: each whole or not at all, and none of an earlier export left among them."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.store.lock import only_writer
from queries.errors import DataRefused, UsageError
from queries.files import UNFINISHED, errors_named, make_folder, sync, write_atomically

MANIFEST = "_noshow_export.json"
# The table of an export that explains the columns of the others.
MEANINGS = "column_meanings"
_LOCK = "_noshow_export.lock"
_STAGED = f".export{UNFINISHED}"


@dataclass(frozen=True, slots=True)
class About:
    """An export as its manifest describes it: the moment of its figures (ISO) and whether it is without names."""

    as_of: str
    names_free: bool


@contextmanager
def whole_folder(folder: Path, about: About) -> Iterator[Path]:
    """Give a folder to write the files to, and put them in place when the block ends.

    Each file is replaced in one step, and files of an earlier export that the new one lacks are removed. Raises
    `DataRefused` if the folder holds anything but an export, `StoreBusy` if another process is exporting into it.
    """
    before = _files_before(folder)
    with only_writer(folder / _LOCK, folder):
        staged = folder / _STAGED
        shutil.rmtree(staged, ignore_errors=True)
        staged.mkdir()
        try:
            yield staged
            new = sorted(path.name for path in staged.iterdir())
            # A process that is killed between two files leaves an export that says so, and that the next one replaces.
            _write_manifest(folder, sorted({*before, *new}), about, unfinished=True)
            for name in sorted({*before} - {*new}):
                (folder / name).unlink(missing_ok=True)
            for name in new:
                sync(staged / name)
                (staged / name).replace(folder / name)
            _write_manifest(folder, new, about, unfinished=False)
        finally:
            shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def whole_file(file: Path) -> Iterator[Path]:
    """Give a file to write, and put it in place of `file` when the block ends.

    Raises `UsageError` if `file` is a folder, and `DataRefused` if it is there and not an export.
    """
    require_file(file)
    if file.exists() and not _is_export(file):
        raise _not_an_export(file, "a file")
    make_folder(file.parent)
    draft = file.with_name(f".{file.name}.{os.getpid()}{UNFINISHED}")
    with errors_named(file):
        # SQLite and DuckDB would say less of a folder that they cannot write to.
        draft.touch()
        draft.unlink()
    try:
        yield draft
        sync(draft)
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)
    sync(file.parent)


def require_file(file: Path) -> None:
    """Raise `UsageError` if the path of a file is that of a folder."""
    if file.is_dir():
        raise UsageError("export.file", f"{file}: a folder, and this format is one file", f"Name {file / 'a file'}")


def _files_before(folder: Path) -> list[str]:
    manifest = folder / MANIFEST
    if manifest.is_file():
        try:
            known: dict[str, Any] = json.loads(manifest.read_bytes())
            return [str(name) for name in known["files"] if Path(name).name == name]
        except (ValueError, LookupError, TypeError):
            raise _not_an_export(folder, "a folder") from None
    ours = {_LOCK, _STAGED}
    if folder.exists() and (not folder.is_dir() or any(path.name not in ours for path in folder.iterdir())):
        raise _not_an_export(folder, "a folder")
    return []


def _write_manifest(folder: Path, files: list[str], about: About, *, unfinished: bool) -> None:
    said = {"as_of": about.as_of, "names_free": about.names_free and not unfinished, "unfinished": unfinished}
    write_atomically(folder / MANIFEST, json.dumps({**said, "files": files}, indent=1) + "\n")


def _is_export(file: Path) -> bool:
    """Whether a file is a database, of SQLite or DuckDB, that an export made."""
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as of_sqlite:
            return bool(of_sqlite.execute("select 1 from sqlite_master where name = ?", (MEANINGS,)).fetchall())
    except sqlite3.Error:
        pass
    try:
        with closing(duckdb.connect(file, read_only=True)) as of_duckdb:
            named = "select 1 from duckdb_tables() where table_name = $name"
            return bool(of_duckdb.execute(named, {"name": MEANINGS}).fetchall())
    except duckdb.Error:
        return False


def _not_an_export(path: Path, wanted: str) -> DataRefused:
    return DataRefused("export.other", f"{path}: holds something other than an export", f"Name {wanted} that is new")
