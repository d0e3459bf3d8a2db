"""The work database goes in; a snapshot under the name that readers open comes out, whole or not at all.

The snapshot is a copy of the work file, made beside the published one, synced, held against what was written to it,
and put in its place by one rename. Readers that have the old one open keep it. The last snapshots stay, as what to go
back to.
"""

from __future__ import annotations

import shutil
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.store.content_state import differing_tables
from pipeline.store.files import StoreFiles
from pipeline.store.stored_roster import store_roster
from queries.database import open_snapshot, quoted
from queries.errors import DataRefused
from queries.files import sync

# The newest DuckDB shell that is published reads this version of files.
STORAGE_VERSION = "v1.5.0"


def publish(
    connection: duckdb.DuckDBPyConnection, path: Path, *, with_roster: bool = False, rewritten: bool = False
) -> None:
    """Copy the work file beside the published snapshot and put the copy in its place, all of it or nothing.

    The connection is closed, since its file is copied; where a snapshot shows the same generation already, nothing is
    done. `rewritten`, the copy is made by reading instead, with none of the bytes of what was deleted, whatever is
    published, and the connection stays open. `with_roster` stores the view `known_roster` as a table, see
    `stored_roster`.

    Raises `DataRefused` where the content is not what was written to it: what readers have is better.
    """
    shown = generation(connection)
    if not rewritten and path.exists() and published_generation(path) == shown:
        return
    new = StoreFiles(path).new_snapshot
    remove_unfinished(path)
    means = _means(connection)
    try:
        (copy_database if rewritten else _copy_file)(connection, new)
        if with_roster:
            _store_roster(new, means)
        sync(new)
        _require_content(new, path, shown, means)
        _keep_previous(path)
        new.replace(path)
        sync(path.parent)
        log_event("store.published", file=str(path), generation=shown)
    finally:
        remove_unfinished(path)


def _keep_previous(path: Path) -> None:
    """Keep the snapshots before this one, the newest as number 1, without a copy: as further names of the files."""
    kept = StoreFiles(path).previous()
    for newer, older in reversed(list(pairwise(kept))):
        if newer.exists():
            newer.replace(older)
    if path.exists():
        kept[0].unlink(missing_ok=True)
        kept[0].hardlink_to(path)


def remove_unfinished(path: Path) -> None:
    """Remove what is unfinished: nobody but the writer makes such files, and the caller is the writer."""
    for file in StoreFiles(path).unfinished():
        file.unlink()


def copy_database(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Write all that the connection's database holds, and nothing that it held once, to a new file; synced."""
    connection.execute(f"attach {quoted(new)} as snapshot (storage_version '{STORAGE_VERSION}')")
    try:
        connection.execute(f"copy from database {name_of(connection)} to snapshot")
        connection.execute("checkpoint snapshot")
    finally:
        connection.execute("detach snapshot")
    sync(new)


def _copy_file(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Copy the file of the connection's database once its log is empty and the connection is closed.

    A file that this process opens and closes beside DuckDB would lose DuckDB its lock.
    """
    connection.execute("checkpoint")
    file = connection.execute("select path from duckdb_databases() where database_name = current_database()").fetchall()
    connection.close()
    shutil.copyfile(file[0][0], new)


def _means(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The memory that the connection may use, and where it writes what goes beyond."""
    wanted = "select name, value from duckdb_settings() where name in ('memory_limit', 'temp_directory')"
    return dict(connection.execute(wanted).fetchall())


def _store_roster(new: Path, means: dict[str, str]) -> None:
    with closing(duckdb.connect(str(new), config={"storage_compatibility_version": STORAGE_VERSION, **means})) as own:
        store_roster(own)
        own.execute("checkpoint")


def _require_content(new: Path, path: Path, shown: int, means: dict[str, str]) -> None:
    with closing(open_snapshot(new)) as snapshot:
        snapshot.execute("set memory_limit = $memory_limit", {"memory_limit": means["memory_limit"]})
        differing = differing_tables(snapshot) if generation(snapshot) == shown else ["site"]
    if differing:
        raise DataRefused(
            "database.damaged",
            f"{path}: not published, since the work file holds other than was written to it ({', '.join(differing)})",
            "Run `noshow doctor --recover`",
        )


def published_generation(path: Path) -> int:
    """The generation that a snapshot shows."""
    with closing(open_snapshot(path)) as published:
        return generation(published)


def generation(connection: duckdb.DuckDBPyConnection) -> int:
    """How many changes the database has seen."""
    return int(connection.execute("select generation from site").fetchall()[0][0])


def name_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of the connection's own database, quoted for a statement."""
    (name,) = connection.execute("select current_database()").fetchall()[0]
    return '"' + str(name).replace('"', '""') + '"'
