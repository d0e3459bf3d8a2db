"""Publish the work database: put a copy of it under the name that readers open, whole or not at all.

The copy is made beside the published snapshot (see `copies`), synced, checked against the content hashes, and put in
place by one rename. Readers that have the old snapshot open keep it. The last snapshots stay, to recover from.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import closing
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import duckdb

from pipeline.events import log_event
from pipeline.store.changed_content import differing_since
from pipeline.store.content_state import differing_tables
from pipeline.store.copies import Copies, identity
from pipeline.store.files import StoreFiles
from pipeline.store.migrations import OLDEST
from pipeline.store.removed_rows import forget_removed
from pipeline.store.stored_roster import store_roster
from pipeline.store.work_file import STORAGE_VERSION
from queries.database import open_snapshot, quoted, require_ours
from queries.errors import DataRefused
from queries.files import sync

# Bytes of memory in which most tables can be hashed.
ENOUGH_TO_HASH = 150_000_000
_LEAST = "select least(parse_formatted_bytes($limit), $enough)"


def publish(
    connection: duckdb.DuckDBPyConnection,
    files: StoreFiles,
    copies: Copies,
    *,
    with_roster: bool = False,
    last: bool = False,
) -> None:
    """Replace the published snapshot by a copy of the work file, unless it shows the same generation already.

    The `last` publication of a session may close the connection. With `with_roster` the view `known_roster` is stored
    as a table, see `stored_roster`.

    Raises `DataRefused` if the copy does not have the kept content hashes; readers keep the snapshot they have.
    """
    path, to_publish = files.snapshot, generation(connection)
    if path.exists() and published_generation(path, copies) == to_publish:
        return
    remove_unfinished(path)
    limits = _memory_limits(connection)
    try:
        # Only by the blocks in which the two differ can a copy be held against the published one.
        by_blocks = copies.make(connection, files, whole=copies.blocks_behind(path) is None, last=last)
        if by_blocks and not _is_sound(connection, files, to_publish, copies.blocks_behind(path)):
            # Something is not as it was noted: the work file itself decides. If this happens again and again, each
            # load costs as much as the database is large.
            log_event("store.copied_whole", file=str(path))
            files.new_snapshot.unlink()
            by_blocks = copies.make(connection, files, whole=True, last=last)
        if with_roster:
            _store_roster(files.new_snapshot, limits)
        sync(files.new_snapshot)
        if not by_blocks:
            _require_content(files.new_snapshot, path, to_publish, limits)
        _put_in_place(files, to_publish)
        if not last:
            forget_removed(connection)
        if not with_roster:
            copies.add(path, to_publish)
    finally:
        remove_unfinished(path)


def publish_rewritten(connection: duckdb.DuckDBPyConnection, files: StoreFiles) -> None:
    """Replace the published snapshot by a new file with the same rows, without the bytes of deleted rows.

    Raises `DataRefused` as `publish` does.
    """
    to_publish = generation(connection)
    remove_unfinished(files.snapshot)
    limits = _memory_limits(connection)
    try:
        copy_database(connection, files.new_snapshot)
        _require_content(files.new_snapshot, files.snapshot, to_publish, limits)
        _put_in_place(files, to_publish)
    finally:
        remove_unfinished(files.snapshot)


def _put_in_place(files: StoreFiles, published: int) -> None:
    _keep_previous(files.snapshot)
    files.new_snapshot.replace(files.snapshot)
    sync(files.folder)
    log_event("store.published", file=str(files.snapshot), generation=published)


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


def _memory_limits(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The memory that the connection may use and the folder it spills to, so that the copy keeps to them too."""
    sql = "select name, value from duckdb_settings() where name in ('memory_limit', 'temp_directory')"
    return dict(connection.execute(sql).fetchall())


def _store_roster(new: Path, limits: dict[str, str]) -> None:
    with closing(duckdb.connect(str(new), config={"storage_compatibility_version": STORAGE_VERSION, **limits})) as own:
        store_roster(own)
        own.execute("checkpoint")


def _is_sound(
    connection: duckdb.DuckDBPyConnection, files: StoreFiles, expected: int, blocks: Collection[int] | None
) -> bool:
    """Whether a copy made of an old one holds all writes, by the rows that changed since the published one.

    The two differ in the `blocks`; None if that is not known.
    """
    if blocks is None:
        return False
    own = name_of(connection)
    try:
        connection.execute(f"attach {quoted(files.new_snapshot)} as new_snapshot (read_only)")
        connection.execute(f"attach {quoted(files.snapshot)} as earlier (read_only)")
        connection.execute("use new_snapshot")
        return generation(connection) == expected and not differing_since(connection, blocks)
    except duckdb.Error as error:
        log_event("store.copy_unread", file=str(files.snapshot), error=type(error).__name__, level=logging.WARNING)
        return False
    finally:
        connection.execute(f"use {own}")
        connection.execute("detach database if exists new_snapshot")
        connection.execute("detach database if exists earlier")


def _require_content(new: Path, path: Path, expected: int, limits: dict[str, str]) -> None:
    """Raise `DataRefused` if the copy is of another generation or hashes to something else than was written."""
    with closing(open_snapshot(new)) as snapshot:
        differing = (
            _differing_tables(snapshot, limits["memory_limit"]) if generation(snapshot) == expected else ["site"]
        )
    if differing:
        raise DataRefused(
            "database.damaged",
            f"{path}: not published: the work file does not hold the rows written to it ({', '.join(differing)})",
            "Run `noshow doctor --recover`",
        )


def _differing_tables(snapshot: duckdb.DuckDBPyConnection, limit: str) -> list[str]:
    """As `differing_tables`, in little memory if it suffices, and never in more than the limit.

    Each block is read once, so that those DuckDB would keep only fill the memory: 600 of 800 MB for 10,000,000 rows.
    Two thousand long texts of the quarantine may need more.
    """
    try:
        ((least,),) = snapshot.execute(_LEAST, {"limit": limit, "enough": ENOUGH_TO_HASH}).fetchall()
        snapshot.execute("set memory_limit = $limit", {"limit": f"{least}B"})
        return differing_tables(snapshot)
    except duckdb.OutOfMemoryException:
        snapshot.execute("set memory_limit = $limit", {"limit": limit})
        return differing_tables(snapshot)


def published_generation(path: Path, copies: Copies | None = None) -> int:
    """The generation of a published snapshot. Raises `DataRefused` unless noshow made it, with a schema it can migrate.

    Opening a database costs over 10 ms, so the answer is kept for the very file that was read, and one that `copies`
    knows is not read: a published file is never changed, only replaced.
    """
    known = copies.generation(path) if copies else None
    return _generation_in(path, identity(path)) if known is None else known


@lru_cache(maxsize=4)
def _generation_in(path: Path, _: str) -> int:
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
