"""Open the work file for writing, and list the blocks written since.

DuckDB writes a database file in blocks of 256 KiB behind a header of 12 KiB. It logs each write with its place, if the
file is attached once the log is on; so the file is attached to an empty database in memory. The log is believed for
copies only, and a copy is held to its content hashes (see `publication`).
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from pipeline.settings import Settings
from queries.database import open_failure, quoted

# By default DuckDB 2.0.0 writes files that the newest packaged DuckDB shell, 1.5.6, cannot open.
STORAGE_VERSION = "v1.5.0"
BLOCK_BYTES = 262_144
HEADER_BYTES = 12_288
# The number that stands for the header among those of blocks.
HEADER = -1
_NAME = "work"
# By its name, since DuckDB may log a path that was relative as an absolute one.
_WRITES = "select pos, bytes from duckdb_logs_parsed('FileSystem') where op = 'WRITE' and parse_filename(path) = $name"


def connect_work(work: Path, settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the work database, or create an empty one. Raises `DataRefused` if DuckDB cannot open it."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "autoinstall_known_extensions": "false",
        "temp_directory": f"{work}.tmp",
    }
    if settings.memory_limit:
        config["memory_limit"] = settings.memory_limit
    connection = duckdb.connect(config=config)
    try:
        connection.execute("call enable_logging('FileSystem', level := 'trace')")
        connection.execute(f"attach {quoted(work)} as {_NAME}")
        connection.execute(f"use {_NAME}")
    except duckdb.Error as error:
        connection.close()
        raise open_failure(work, error, "Run `noshow doctor --recover`") from error
    return connection


def blocks_written(connection: duckdb.DuckDBPyConnection, work: Path) -> set[int]:
    """The numbers of the blocks written since the last call, or since the file was opened; `HEADER` for the header."""
    writes = connection.execute(_WRITES, {"name": work.name}).fetchall()
    connection.execute("call truncate_duckdb_logs()")
    return {block for first, size in writes for block in range(_block_at(first), _block_at(first + size - 1) + 1)}


def _block_at(position: int) -> int:
    return (position - HEADER_BYTES) // BLOCK_BYTES if position >= HEADER_BYTES else HEADER


def let_go(connection: duckdb.DuckDBPyConnection) -> None:
    """Detach the work file: nothing is written to it any more, and its log can still be read."""
    connection.execute("use memory")
    connection.execute(f"detach {_NAME}")
