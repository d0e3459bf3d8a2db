"""A database and a folder go in; the fact as Parquet files by local year and month comes out, what changed alone.

A partition is the same as long as the hash of its rows is. Those that differ are written beside the lake's files and
moved into place one by one, then what the database no longer has is removed, then the manifest is replaced: killed in
between, the next export finds by manifest and file which partitions are not what the database has, and does the rest.
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
from pipeline.store.lock import only_writer
from queries.database import database_id, database_path, open_snapshot, quoted, require_ours, site
from queries.errors import DataRefused
from queries.files import sync, write_atomically
from queries.lake.columns import COLUMNS
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
_CONTENT = (
    f"select {YEAR}, {MONTH}, count(*), bit_xor(h), sum(h::hugeint) from "
    f"(select {YEAR}, {MONTH}, hash(whole_row) as h from ({lake_rows_sql(COLUMNS)}) as whole_row) "
    "group by all order by all nulls last"
)
# In the order of time and place: readers skip blocks, and columns compress to a fraction.
_COPY = (
    "copy (select r.* from ({rows}) as r semi join changed as c "
    f"on r.{YEAR} is not distinct from c.{YEAR} and r.{MONTH} is not distinct from c.{MONTH} "
    f"order by r.{YEAR}, r.{MONTH}, r.location, r.service, r.local_start, r.session_id, r.booking_id) "
    f"to {{folder}} (format parquet, compression zstd, partition_by ({YEAR}, {MONTH}))"
)


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export did: the partitions written, kept and removed, and how many rows those written have."""

    written: tuple[str, ...]
    kept: tuple[str, ...]
    removed: tuple[str, ...]
    rows_written: int
    rows: int


@dataclass(frozen=True, slots=True)
class _Content:
    """A partition as the database has it: year, month, rows and the hash of them."""

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
    """Bring a lake up to what the published database holds; partitions whose rows are as they were are not touched.

    Raises `InputNotFound` or `DataRefused` where there is no database of ours, `DataRefused` where the folder holds
    something else or the lake of another database, `StoreBusy` where another export runs for longer than `wait`
    seconds, `OutputFailed` where the disk refuses.
    """
    path, lake_folder = database_path(db), Path(folder)
    with closing(open_snapshot(path)) as connection:
        require_ours(connection, path)
        before = _lake_before(lake_folder, database_id(connection))
        with machine_errors(lake_folder):
            lake_folder.mkdir(parents=True, exist_ok=True)
            with only_writer(lake_folder / _LOCK, lake_folder, wait):
                return _export(connection, lake_folder, before, progress)


def _export(
    connection: duckdb.DuckDBPyConnection, folder: Path, before: Lake | None, progress: Callable[[str], None]
) -> Exported:
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    known = before or Lake(folder, database_id(connection), site(connection))
    if before is None:
        _write_manifest(known)  # from here on the folder is known for a lake, whatever happens
    if limit := read_settings().memory_limit:
        connection.execute("set memory_limit = $limit", {"limit": limit})
    progress("reading")
    now = _contents(connection)
    changed = _changed(known, now)
    if changed:
        progress(f"writing {len(changed):,} months")
        _stage(connection, folder / _STAGED, [now[name] for name in changed])
        for name in changed:
            _put(folder, name)
    removed = [name for name in _on_disk(folder) if name not in now]
    for name in removed:
        _remove(folder, name)
    shutil.rmtree(folder / _STAGED, ignore_errors=True)
    _write_manifest(Lake(folder, known.database, site(connection), _partitions(folder, known, now, changed)))
    told = Exported(
        written=tuple(changed),
        kept=tuple(name for name in now if name not in changed),
        removed=tuple(removed),
        rows_written=sum(now[name].rows for name in changed),
        rows=sum(content.rows for content in now.values()),
    )
    log_event("lake.exported", written=len(told.written), kept=len(told.kept), removed=len(told.removed))
    return told


def _lake_before(folder: Path, database: str) -> Lake | None:
    """The lake that is there; None for a new one. Raises `DataRefused` for a folder that is for something else."""
    lake = read_manifest(folder)
    if lake is None and folder.exists() and (not folder.is_dir() or _others(folder)):
        raise DataRefused(
            "lake.folder", f"{folder}: holds something else than a lake", "Name a folder that is new or empty"
        )
    if lake and lake.version > VERSION:
        raise DataRefused("lake.version", f"{folder}: a lake of a newer noshow", "Upgrade noshow")
    if lake and lake.database != database:
        raise DataRefused(
            "lake.database", f"{folder}: the lake of another database", "Name another folder, or remove this one first"
        )
    return lake


def _others(folder: Path) -> bool:
    return any(path.name != _LOCK for path in folder.iterdir())


def _contents(connection: duckdb.DuckDBPyConnection) -> dict[str, _Content]:
    """The partitions that the database makes, by name, in the order of time."""
    rows = connection.execute(_CONTENT).fetchall()
    return {
        partition_name(year, month): _Content(year, month, count, f"{count}-{xor:016x}-{total:x}")
        for year, month, count, xor, total in rows
    }


def _changed(lake: Lake, now: Mapping[str, _Content]) -> list[str]:
    """Partitions that the lake does not have as the database does, or whose file is not as it was written."""
    same = [name for name in now if name in lake.partitions and lake.partitions[name].content == now[name].hash]
    kept = set(same) - set(missing_files(lake, same)) if lake.version == VERSION else set()
    return [name for name in now if name not in kept]


def _stage(connection: duckdb.DuckDBPyConnection, staged: Path, changed: Iterable[_Content]) -> None:
    """Write partitions into a folder that no engine looks into, one file each: hence one thread, and in order."""
    connection.execute(f"create or replace temporary table changed ({YEAR} bigint, {MONTH} bigint)")
    connection.executemany("insert into changed values (?, ?)", [(each.year, each.month) for each in changed])
    connection.execute("set threads = 1")
    connection.execute(_COPY.format(rows=lake_rows_sql(COLUMNS), folder=quoted(staged)))


def _put(folder: Path, name: str) -> None:
    """Put a staged partition in its place, in one step."""
    (new,) = (folder / _STAGED / name).iterdir()
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    sync(new)
    new.replace(place / FILE)
    sync(place)


def _remove(folder: Path, name: str) -> None:
    (folder / name / FILE).unlink(missing_ok=True)
    for empty in (folder / name, (folder / name).parent):
        if not any(empty.iterdir()):
            empty.rmdir()


def _on_disk(folder: Path) -> list[str]:
    """Partitions whose file is there, whether the manifest knows of them or not."""
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
