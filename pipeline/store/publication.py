"""Publish the work database: put a copy of it under the name that readers open, whole or not at all.

The copy is made beside the published snapshot, synced, checked against the content hashes, and put in place by one
rename. Readers that have the old snapshot open keep it. The last snapshots stay, to recover from.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.store.content_state import differing_tables
from pipeline.store.files import StoreFiles
from pipeline.store.migrations import OLDEST
from pipeline.store.stored_roster import store_roster
from queries.database import open_snapshot, quoted, require_ours
from queries.errors import DataRefused
from queries.files import sync

# By default DuckDB 2.0.0 writes files that the newest packaged DuckDB shell, 1.5.6, cannot open.
STORAGE_VERSION = "v1.5.0"


def publish(
    connection: duckdb.DuckDBPyConnection, path: Path, *, with_roster: bool = False, rewritten: bool = False
) -> None:
    """Replace the published snapshot by a copy of the work file, unless it shows the same generation already.

    Closes the connection, since its file is copied. With `rewritten` the rows are copied into a new file instead, which
    leaves out the bytes of deleted rows; the connection then stays open, and a snapshot of the same generation is
    replaced as well. With `with_roster` the view `known_roster` is stored as a table, see `stored_roster`.

    Raises `DataRefused` if the copy does not have the kept content hashes; readers keep the snapshot they have.
    """
    to_publish = generation(connection)
    if not rewritten and path.exists() and published_generation(path) == to_publish:
        return
    new = StoreFiles(path).new_snapshot
    remove_unfinished(path)
    limits = _memory_limits(connection)
    try:
        (copy_database if rewritten else _copy_file)(connection, new)
        if with_roster:
            _store_roster(new, limits)
        sync(new)
        _require_content(new, path, to_publish, limits)
        _keep_previous(path)
        new.replace(path)
        sync(path.parent)
        log_event("store.published", file=str(path), generation=to_publish)
    finally:
        remove_unfinished(path)


def _keep_previous(path: Path) -> None:
    """Keep the published snapshot as number 1 of the previous ones, and move each of those up by one.

    The published file gets a second name instead of being copied: the rename that follows takes the first one away.
    """
    kept = StoreFiles(path).previous()
    for newer, older in reversed(list(pairwise(kept))):
        if newer.exists():
            newer.replace(older)
    if path.exists():
        kept[0].unlink(missing_ok=True)
        kept[0].hardlink_to(path)


def remove_unfinished(path: Path) -> None:
    """Remove half-written snapshots. For the writer only: nobody else makes such files, so none is in use."""
    for file in StoreFiles(path).unfinished():
        file.unlink()


def copy_database(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Copy the rows of the connection's database into a new, synced file, without the bytes of deleted rows."""
    connection.execute(f"attach {quoted(new)} as snapshot (storage_version '{STORAGE_VERSION}')")
    try:
        connection.execute(f"copy from database {name_of(connection)} to snapshot")
        connection.execute("checkpoint snapshot")
    finally:
        connection.execute("detach snapshot")
    sync(new)


def _copy_file(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Copy the file of the connection's database, and close the connection."""
    connection.execute("checkpoint")  # or the newest commits would be in the log, which is not copied
    file = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchall()
    # Closed first: reading the file beside DuckDB would release DuckDB's lock on it (see `lock.only_writer`).
    connection.close()
    shutil.copyfile(file[0][0], new)


def _memory_limits(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The memory that the connection may use and the folder it spills to, so that the copy keeps to them too."""
    sql = "select name, value from duckdb_settings() where name in ('memory_limit', 'temp_directory')"
    return dict(connection.execute(sql).fetchall())


def _store_roster(new: Path, limits: dict[str, str]) -> None:
    with closing(duckdb.connect(str(new), config={"storage_compatibility_version": STORAGE_VERSION, **limits})) as own:
        store_roster(own)
        own.execute("checkpoint")


def _require_content(new: Path, path: Path, expected: int, limits: dict[str, str]) -> None:
    """Raise `DataRefused` if the copy is of another generation or hashes to something else than was written."""
    with closing(open_snapshot(new)) as snapshot:
        snapshot.execute("set memory_limit = $memory_limit", {"memory_limit": limits["memory_limit"]})
        differing = differing_tables(snapshot) if generation(snapshot) == expected else ["site"]
    if differing:
        raise DataRefused(
            "database.damaged",
            f"{path}: not published: the work file does not hold the rows written to it ({', '.join(differing)})",
            "Run `noshow doctor --recover`",
        )


def published_generation(path: Path) -> int:
    """The generation of a published snapshot. Raises `DataRefused` unless noshow made it, with a schema it can migrate.

    A writer asks several times while it opens and publishes, and opening a database costs over 10 ms, so the answer is
    kept for the very file that was read: a published file is never changed, only replaced.
    """
    now = path.stat()
    return _generation_in(path, now.st_ino, now.st_mtime_ns, now.st_size)


@lru_cache(maxsize=4)
def _generation_in(path: Path, *_identity: int) -> int:
    with closing(open_snapshot(path)) as published:
        require_ours(published, path, oldest=OLDEST)
        return generation(published)


def generation(connection: duckdb.DuckDBPyConnection) -> int:
    """The number of changes made to the database so far."""
    return int(connection.execute("select generation from site").fetchall()[0][0])


def name_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of the connection's own database, quoted for SQL."""
    (name,) = connection.execute("select current_database()").fetchall()[0]
    return '"' + str(name).replace('"', '""') + '"'
