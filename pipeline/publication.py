"""The work database goes in; a snapshot under the name that readers open comes out, whole or not at all.

The snapshot is written beside the published one, synced, and put in its place by one rename. Readers that have the old
one open keep it. The last snapshots stay, as what to go back to.
"""

from __future__ import annotations

import os
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import duckdb

from queries.database import open_snapshot, quoted

# The newest DuckDB shell that is published reads this version of files.
STORAGE_VERSION = "v1.5.0"
SNAPSHOTS_KEPT = 2


def publish(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the content to a new file beside the published one and put it in its place, all of it or nothing.

    A snapshot that shows the same generation already is left as it is.
    """
    if path.exists() and _published_generation(path) == _generation(connection):
        return
    connection.execute("checkpoint")
    new = path.with_name(f".{path.stem}.new-{os.getpid()}{path.suffix}")
    new.unlink(missing_ok=True)
    try:
        write_copy(connection, new)
        _keep_previous(path)
        new.replace(path)
        sync(path.parent)
    finally:
        new.unlink(missing_ok=True)


def write_copy(connection: duckdb.DuckDBPyConnection, new: Path) -> None:
    """Write the content, and nothing that was deleted, to a new file, and have the disk write that."""
    connection.execute(f"attach {quoted(new)} as snapshot (storage_version '{STORAGE_VERSION}')")
    try:
        connection.execute(f"copy from database {name_of(connection)} to snapshot")
        connection.execute("checkpoint snapshot")
    finally:
        connection.execute("detach snapshot")
    sync(new)


def _keep_previous(path: Path) -> None:
    """Keep the snapshots before this one, the newest as number 1, without a copy: as further names of the files."""
    kept = [path.with_name(f"{path.stem}.previous-{number}{path.suffix}") for number in range(1, SNAPSHOTS_KEPT + 1)]
    for newer, older in reversed(list(pairwise(kept))):
        if newer.exists():
            newer.replace(older)
    if path.exists():
        kept[0].unlink(missing_ok=True)
        kept[0].hardlink_to(path)


def _published_generation(path: Path) -> int:
    with closing(open_snapshot(path)) as published:
        return _generation(published)


def _generation(connection: duckdb.DuckDBPyConnection) -> int:
    return int(connection.execute("select generation from site").fetchall()[0][0])


def name_of(connection: duckdb.DuckDBPyConnection) -> str:
    """The name of the connection's own database, quoted for a statement."""
    (name,) = connection.execute("select current_database()").fetchall()[0]
    return '"' + str(name).replace('"', '""') + '"'


def sync(path: Path) -> None:
    """Have the disk write a file, or a folder's entries."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
