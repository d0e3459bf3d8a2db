"""Write the documented views as Parquet, CSV or SQLite, for tools that do not read the database itself.

Each view is copied into a temporary table first: a view without names is cleaned there, and its texts are read without
counting everything again.
"""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.events import log_event
from pipeline.export.described import datasette_metadata, dbt_sources
from pipeline.export.files import MEANINGS, About, require_file, whole_file, whole_folder
from pipeline.export.names_free import Contacts, free_of_names, read_contacts
from pipeline.export.views import View, views_to_export
from pipeline.machine import machine_errors
from pipeline.printable import FORMULA
from pipeline.settings import read_settings
from pipeline.store.verification import require_sound
from queries.database import database_path, open_snapshot, quoted, require_ours
from queries.errors import UsageError
from queries.files import make_folder, private_files, write_atomically
from queries.model.vocabularies import EXPORT_FORMATS
from queries.moments import as_of_instant, naive_utc
from queries.statements import literal

# The table that a view is copied to.
_COPIED = "temp.main.exported"
_AT_ONCE = 10_000
# Versions of DuckDB from this one on read the copy; the database itself needs a newer one.
_OLDEST_DUCKDB = "v1.0.0"
_TEXT = "VARCHAR"
# Types of DuckDB -> of SQLite, which keeps all else as text.
_IN_SQLITE = {"BIGINT": "integer", "INTEGER": "integer", "BOOLEAN": "integer", "HUGEINT": "integer", "DOUBLE": "real"}


@dataclass(frozen=True, slots=True)
class ExportedViews:
    """The result of an export: the rows of each view by its name, none of them for a description of the views."""

    rows: dict[str, int]


def export_views(
    db: str | os.PathLike[str] | None,
    out: str | os.PathLike[str],
    *,
    format: str = "parquet",
    names_free: bool = False,
    as_of: dt.datetime | str | None = None,
    progress: Callable[[str], None] = lambda step: None,
) -> ExportedViews:
    """Write every documented view, at the moment `as_of` (default now), and the meanings of all columns.

    `parquet` and `csv` write a file for each view into the folder `out`, `sqlite` and `duckdb` a table for each into
    the file `out`; `datasette` and `dbt` describe the views in one file. `names_free` leaves out who booked, and
    replaces any other text that holds a contact's name or id, an e-mail address or a phone number. The same database,
    options and moment give the same bytes. `progress` is called with each step in words.

    Raises `UsageError` for an unknown format or a moment that makes no sense, `InputNotFound` if there is no database,
    `DataRefused` if noshow did not make it or if `out` is something other than an export, `StoreBusy` if another
    process exports into the folder, `OutputFailed` if the disk fails.
    """
    if format not in EXPORT_FORMATS:
        raise UsageError("export.format", f"no export has the format {format!r}", f"One of {', '.join(EXPORT_FORMATS)}")
    path, place, moment = database_path(db), Path(out), as_of_instant(as_of)
    with closing(open_snapshot(path)) as connection, machine_errors(place), private_files():
        require_ours(connection, path)
        require_sound(connection)
        connection.execute(f"set variable as_of = {literal(naive_utc(moment))}")
        # One thread reads the rows in one order, so that the same rows make the same file.
        connection.execute("set threads = 1")
        if limit := read_settings().memory_limit:
            connection.execute("set memory_limit = $limit", {"limit": limit})
        views = views_to_export(connection, names_free)
        contacts = read_contacts(connection) if names_free else None
        about = About(moment.isoformat().replace("+00:00", "Z"), names_free)
        rows = _write(_Reader(connection, contacts, progress), views, place, format, about, path.stem)
    log_event("views.exported", views=len(views), rows=sum(rows.values()))
    return ExportedViews(rows)


def _write(
    reader: _Reader, views: Sequence[View], place: Path, format: str, about: About, database: str
) -> dict[str, int]:
    if format in _TO_DATABASE:
        with whole_file(place) as draft:
            return _TO_DATABASE[format](reader, views, draft)
    if format in _COPY_TO:
        with whole_folder(place, about) as folder:
            return _to_folder(reader, views, folder, format)
    require_file(place)
    make_folder(place.parent)
    write_atomically(place, datasette_metadata(views) if format == "datasette" else dbt_sources(views, database))
    return {}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Copies views into temporary tables, one after the other, without names if the contacts are given."""

    connection: duckdb.DuckDBPyConnection
    contacts: Contacts | None
    progress: Callable[[str], None]

    def copied(self, views: Sequence[View]) -> Iterator[tuple[View, int]]:
        """Each view with its number of rows, while `_COPIED` holds them."""
        for view in views:
            self.progress(view.name)
            # An id of DuckDB's own type is a text to all others.
            columns = ", ".join(
                f"{column.name}::varchar as {column.name}" if column.type in ("UUID", "JSON") else column.name
                for column in view.columns
            )
            self.connection.execute(f"create or replace temporary table exported as select {columns} from {view.name}")
            if self.contacts:
                self._remove_names(self.contacts)
            (rows,) = self.connection.execute(f"select count(*) from {_COPIED}").fetchall()[0]
            yield view, rows

    def types(self) -> dict[str, str]:
        """The columns of `_COPIED` with their types."""
        return {name: kind for name, kind, *_ in self.connection.execute(f"describe {_COPIED}").fetchall()}

    def _remove_names(self, contacts: Contacts) -> None:
        for column in (name for name, kind in self.types().items() if kind == _TEXT):
            texts = self.connection.execute(f"select distinct {column} from {_COPIED}").fetchall()
            changed = [
                (text, instead)
                for (text,) in texts
                if text is not None and (instead := free_of_names(text, column, contacts)) != text
            ]
            if changed:
                self.connection.execute("create or replace temporary table changed (before varchar, instead varchar)")
                self.connection.executemany("insert into changed values (?, ?)", changed)
                self.connection.execute(
                    f"update {_COPIED} set {column} = c.instead from changed as c where {column} = c.before"
                )


def _to_folder(reader: _Reader, views: Sequence[View], folder: Path, format: str) -> dict[str, int]:
    rows = {}
    for view, number in reader.copied(views):
        rows[view.name] = number
        _copy(reader, folder / f"{view.name}.{format}", format)
    _copy_meanings(reader, views)
    _copy(reader, folder / f"{MEANINGS}.{format}", format)
    return rows


def _copy_meanings(reader: _Reader, views: Sequence[View]) -> None:
    """Put the meanings of all columns in `_COPIED`."""
    columns = "view_name varchar, column_name varchar, type varchar, meaning varchar"
    reader.connection.execute(f"create or replace temporary table exported ({columns})")
    reader.connection.executemany(f"insert into {_COPIED} values (?, ?, ?, ?)", _meanings(views))


_COPY_TO = {"parquet": "format parquet, compression zstd", "csv": "format csv, header"}
FOLDER_FORMATS = tuple(_COPY_TO)


def _copy(reader: _Reader, file: Path, format: str) -> None:
    columns = [_safe_in_csv(name, kind) if format == "csv" else name for name, kind in reader.types().items()]
    reader.connection.execute(
        f"copy (select {', '.join(columns)} from {_COPIED}) to {quoted(file)} ({_COPY_TO[format]})"
    )


def _safe_in_csv(name: str, kind: str) -> str:
    """A column that no spreadsheet takes for a formula: a text such as `=1+1` gets a ' before it."""
    if kind != _TEXT:
        return name
    return f"case when regexp_matches({name}, {literal(FORMULA)}) then '''' || {name} else {name} end as {name}"


def _to_sqlite(reader: _Reader, views: Sequence[View], file: Path) -> dict[str, int]:
    rows = {}
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        # The draft is put in place only when it is whole, so it needs no journal of its own.
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        for view, number in reader.copied(views):
            rows[view.name] = number
            types = reader.types()
            columns = ", ".join(f'"{name}" {_in_sqlite(kind)}' for name, kind in types.items())
            connection.execute(f'create table "{view.name}" ({columns})')
            marks = ", ".join("?" * len(types))
            found = reader.connection.execute(f"from {_COPIED}")
            while batch := found.fetchmany(_AT_ONCE):
                connection.executemany(
                    f'insert into "{view.name}" values ({marks})', ([_plain(value) for value in row] for row in batch)
                )
        connection.execute(f"create table {MEANINGS} (view_name text, column_name text, type text, meaning text)")
        connection.executemany(f"insert into {MEANINGS} values (?, ?, ?, ?)", _meanings(views))
        connection.execute("commit")
    return rows


def _to_duckdb(reader: _Reader, views: Sequence[View], file: Path) -> dict[str, int]:
    rows = {}
    run = reader.connection.execute
    run(f"attach {quoted(file)} as of_views (storage_version '{_OLDEST_DUCKDB}')")
    for view, number in reader.copied(views):
        rows[view.name] = number
        run(f"create table of_views.{view.name} as from {_COPIED}")
        run(f"comment on table of_views.{view.name} is {literal(view.meaning)}")
        for column in view.columns:
            run(f"comment on column of_views.{view.name}.{column.name} is {literal(column.meaning)}")
    _copy_meanings(reader, views)
    run(f"create table of_views.{MEANINGS} as from {_COPIED}")
    run("detach of_views")
    return rows


_TO_DATABASE = {"sqlite": _to_sqlite, "duckdb": _to_duckdb}


def _in_sqlite(kind: str) -> str:
    return "real" if kind.startswith("DECIMAL") else _IN_SQLITE.get(kind, "text")


def _plain(value: Any) -> Any:
    """A value as SQLite keeps it: moments and dates as ISO text, which its functions understand."""
    if value is None or isinstance(value, str | int | float):
        return value
    return str(value) if isinstance(value, dt.date) else float(value)


def _meanings(views: Sequence[View]) -> list[tuple[str, str, str, str]]:
    return [(view.name, column.name, column.type.lower(), column.meaning) for view in views for column in view.columns]
