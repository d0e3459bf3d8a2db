"""Export the fact as Parquet files by local year and month, writing only the partitions that changed.

A partition is unchanged if its rows hash to the value in the manifest. Changed partitions are written into a folder
beside the lake's files and moved into place one by one, then partitions that the database no longer has are removed,
then the manifest is replaced. If the process is killed in between, the next export compares manifest and files with the
database and does the rest.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.machine import machine_errors
from pipeline.settings import read_settings
from pipeline.store.lock import Lock, only_writer
from queries.database import database_id, database_path, open_snapshot, quoted, require_ours, site
from queries.errors import DataRefused
from queries.files import UNFINISHED, make_folder, private_files, sync, write_atomically
from queries.lake.columns import lake_columns
from queries.lake.manifest import (
    FILE,
    MANIFEST,
    MONTH,
    VERSION,
    YEAR,
    Lake,
    Partition,
    missing_files,
    partition_name,
    read_manifest,
)
from queries.statements import lake_rows_sql

_LOCK = "_noshow.lock"
_STAGED = "_noshow.new"
# Manifests that a killed export was writing.
_DRAFTS = f".{MANIFEST}.*{UNFINISHED}"
_ATTRIBUTES = "select distinct unnest(json_keys(attributes)) as name from booking order by name"
_CONTENT = (
    f"select {YEAR}, {MONTH}, count(*), bit_xor(h), sum(h::hugeint) from "
    f"(select {YEAR}, {MONTH}, hash(whole_row) as h from ({{rows}}) as whole_row) "
    "group by all order by all nulls last"
)
# Sorted by time and place, so that readers can skip blocks and columns compress to a fraction.
_COPY = (
    "copy (select r.* from ({rows}) as r semi join changed as c "
    f"on r.{YEAR} is not distinct from c.{YEAR} and r.{MONTH} is not distinct from c.{MONTH} "
    f"order by r.{YEAR}, r.{MONTH}, r.location, r.service, r.local_start, r.session_id, r.booking_id) "
    f"to {{folder}} (format parquet, compression zstd, partition_by ({YEAR}, {MONTH}))"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """The result of an export: the partitions written, kept and removed, the rows written, and all rows of the lake."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    rows_written: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Content:
    """A partition in the database: year, month, number of rows and their hash."""

    year: int | None
    month: int | None
    rows: int
    hash: str


def export_lake(
    db: str | os.PathLike[str] | None,
    folder: str | os.PathLike[str],
    *,
    wait: float = 0,
    progress: Callable[[str], None] = lambda step: None,
) -> Exported:
    """Bring a lake up to date with the published database, leaving unchanged partitions alone.

    `progress` is called with each step in words.

    Raises `InputNotFound` if there is no database, `DataRefused` if noshow did not make it or if the folder holds
    something else or the lake of another database, `StoreBusy` if another export still runs after `wait` seconds,
    `OutputFailed` if the disk fails.
    """
    path, lake_folder = database_path(db), Path(folder)
    with closing(open_snapshot(path)) as connection:
        require_ours(connection, path)
        before = _lake_before(lake_folder, database_id(connection))
        with machine_errors(lake_folder), private_files(), only_writer(lake_folder / _LOCK, lake_folder, wait) as lock:
            return _export(connection, lake_folder, before, lock, progress)


def _export(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    before: Lake | None,
    lock: Lock,
    progress: Callable[[str], None],
) -> Exported:
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    for draft in folder.glob(_DRAFTS):
        draft.unlink()
    known = before or Lake(folder, database_id(connection), site(connection))
    if before is None:
        # First of all, so that after a crash the next export recognises the folder as a lake of this database.
        _write_manifest(known)
    if limit := read_settings().memory_limit:
        connection.execute("set memory_limit = $limit", {"limit": limit})
    progress("reading")
    attributes = tuple(name for (name,) in connection.execute(_ATTRIBUTES).fetchall())
    rows = lake_rows_sql(lake_columns(attributes=attributes))
    now = _contents(connection, rows)
    changed = _changed(known, now)
    if changed:
        progress(f"writing {len(changed):,} months")
        _stage(connection, folder / _STAGED, rows, [now[name] for name in changed])
        lock.require_held()
        for name in changed:
            _put(folder, name)
    removed = [name for name in _on_disk(folder) if name not in now]
    for name in removed:
        _remove(folder, name)
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    partitions = _partitions(folder, known, now, changed)
    _write_manifest(Lake(folder, known.database, site(connection), partitions, attributes=attributes))
    exported = Exported(
        written=tuple(changed),
        kept=tuple(name for name in now if name not in changed),
        removed=tuple(removed),
        rows_written=sum(now[name].rows for name in changed),
        rows=sum(content.rows for content in now.values()),
    )
    log_event("lake.exported", written=len(exported.written), kept=len(exported.kept), removed=len(exported.removed))
    return exported


def _lake_before(folder: Path, database: str) -> Lake | None:
    """Read the manifest of an existing lake; None for a new one.

    Raises `DataRefused` if the folder holds something else, or the lake of another database or a newer noshow.
    """
    lake = read_manifest(folder)
    if lake is None and folder.exists() and (not folder.is_dir() or _others(folder)):
        raise DataRefused(
            "lake.folder", f"{folder}: holds something other than a lake", "Name a folder that is new or empty"
        )
    if lake and lake.version > VERSION:
        raise DataRefused("lake.version", f"{folder}: a lake of a newer noshow", "Upgrade noshow")
    if lake and lake.database != database:
        raise DataRefused(
            "lake.database", f"{folder}: the lake of another database", "Name another folder, or remove this one first"
        )
    return lake


def _others(folder: Path) -> bool:
    return any(path.name != _LOCK and not path.match(_DRAFTS) for path in folder.iterdir())


def _contents(connection: duckdb.DuckDBPyConnection, lake_rows: str) -> dict[str, _Content]:
    """The partitions in the database by name, in the order of time; `lake_rows` selects the rows of a lake."""
    rows = connection.execute(_CONTENT.format(rows=lake_rows)).fetchall()
    return {
        partition_name(year, month): _Content(year, month, count, f"{count}-{xor:016x}-{total:x}")
        for year, month, count, xor, total in rows
    }


def _changed(lake: Lake, now: Mapping[str, _Content]) -> list[str]:
    """List the partitions whose rows in the lake are not those of the database, or whose file is changed or missing."""
    same = [name for name in now if name in lake.partitions and lake.partitions[name].content == now[name].hash]
    kept = set(same) - set(missing_files(lake, same)) if lake.version == VERSION else set()
    return [name for name in now if name not in kept]


def _stage(connection: duckdb.DuckDBPyConnection, staged: Path, rows: str, changed: Iterable[_Content]) -> None:
    """Write partitions into a folder that no engine reads, one file each."""
    connection.execute(f"create or replace temporary table changed ({YEAR} bigint, {MONTH} bigint)")
    connection.executemany("insert into changed values (?, ?)", [(each.year, each.month) for each in changed])
    # With more threads each would write a file of its own to every partition, and the sorting would be lost.
    connection.execute("set threads = 1")
    connection.execute(_COPY.format(rows=rows, folder=quoted(staged)))


def _put(folder: Path, name: str) -> None:
    """Move a staged partition into place, in one step."""
    (new,) = (folder / _STAGED / name).iterdir()
    place = folder / name
    make_folder(place)
    sync(new)
    new.replace(place / FILE)
    sync(place)


def _remove(folder: Path, name: str) -> None:
    (folder / name / FILE).unlink(missing_ok=True)
    for empty in (folder / name, (folder / name).parent):
        if not any(empty.iterdir()):
            empty.rmdir()


def _on_disk(folder: Path) -> list[str]:
    """List the partitions whose file exists, whether or not they are in the manifest."""
    return sorted(path.parent.relative_to(folder).as_posix() for path in folder.glob(f"{YEAR}=*/{MONTH}=*/{FILE}"))


def _partitions(
    folder: Path, lake: Lake, now: Mapping[str, _Content], changed: Collection[str]
) -> dict[str, Partition]:
    return {
        name: Partition(content.rows, content.hash, (folder / name / FILE).stat().st_size)
        if name in changed
        else lake.partitions[name]
        for name, content in now.items()
    }


def _write_manifest(lake: Lake) -> None:
    write_atomically(lake.folder / MANIFEST, lake.to_json())
