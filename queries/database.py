"""The published database: its path, a read-only connection to it, and the rows of a statement as a frame."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from queries.errors import DataRefused, InputNotFound, NoshowError, OutputFailed, StoreBusy, UsageError

if TYPE_CHECKING:
    import duckdb
    import polars as pl

DEFAULT_DATABASE = Path("data/attendance.duckdb")
SCHEMA_VERSION = 10
# Names that are not the path of a file to DuckDB: a database in memory, and the name of an extension before a colon,
# as in `md:sales`. One letter is a drive of Windows.
_NO_FILE = re.compile(r":memory:|\w{2,}:", re.ASCII)
# DuckDB finds the rows of a page of up to this size by their sort keys, and reads the other columns for them alone.
# That takes half the time for a first page, a third if it is sorted by something other than the id. A page of 500
# reads one row more, which shows whether there is another page.
_PAGE_ROWS = 501
_OURS = "select count(*) from duckdb_tables() where table_name in ('site', 'load_ledger', 'booking', 'attendance')"


@dataclass(frozen=True, slots=True)
class Site:
    """The settings of the whole database: the one row of the table `site`.

    `time_zone` (IANA) applies to sessions that name none; a session is due `grace_hours` after its end;
    a cancellation within `late_hours` of the start is late; `currency` is the site's, or None;
    groups with fewer than `min_bookings` marked bookings are shown without a rate.
    """

    time_zone: str
    grace_hours: int
    late_hours: int
    currency: str | None
    schema_version: int
    noshow_version: str
    min_bookings: int = 10


def database_path(db: str | os.PathLike[str] | None = None) -> Path:
    """The database file to use: the argument, else `NOSHOW_DB`, else `data/attendance.duckdb`.

    A link is followed: the other files of a database lie beside the file that it leads to, under its name. Beside the
    link there would be a second lock, work file and journal.

    Raises `UsageError` for anything but a file: `:memory:`, an address, a folder, a device.
    """
    path = Path(db or os.environ.get("NOSHOW_DB") or DEFAULT_DATABASE)
    if _NO_FILE.match(str(path)):
        raise _not_a_file(path)
    if path.is_symlink():
        try:
            path = path.resolve()
        except (OSError, RuntimeError):  # links in a circle
            raise _not_a_file(path) from None
    if path.exists() and not path.is_file():
        raise _not_a_file(path)
    return path


def _not_a_file(path: Path) -> UsageError:
    hint = f"Name a file, such as {path / DEFAULT_DATABASE.name if path.is_dir() else DEFAULT_DATABASE}"
    return UsageError("database.path", f"{path}: not a file", hint)


def connect(db: str | os.PathLike[str] | None = None, *, memory_limit: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open the published snapshot read-only; every query function takes the connection.

    The connection answers queries and nothing else: it cannot write, read other files, load extensions
    or reach a network. It keeps the snapshot it opened; a load published later is seen by connections opened later.

    `memory_limit`, such as "500MB", bounds the memory of queries; beyond it they use the disk.

    Raises `InputNotFound` if there is no database, `DataRefused` if noshow did not make the file.
    """
    path = database_path(db)
    connection = open_snapshot(path)
    try:
        require_ours(connection, path)
        if memory_limit:
            connection.execute("set memory_limit = $limit", {"limit": memory_limit})
        connection.execute(f"set late_materialization_max_rows = {_PAGE_ROWS}")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def open_snapshot(path: Path) -> duckdb.DuckDBPyConnection:
    """Open a database file read-only, as it is now.

    The file is attached to an instance of its own: DuckDB shares one instance per path within a process, which
    would go on showing the file that an earlier connection opened. Raises `InputNotFound` or `DataRefused`.
    """
    if not path.exists():
        raise _not_found(path)
    # Imported late: it takes longer than all that a command does that needs no database, such as `noshow settings`.
    import duckdb

    connection = duckdb.connect()
    try:
        connection.execute("set autoinstall_known_extensions = false")
        # Queries that outgrow memory spill here: by default it would be the reader's current folder.
        connection.execute(f"set temp_directory = {quoted(Path(gettempdir()) / f'noshow-{os.getpid()}')}")
        connection.execute(f"attach {quoted(path)} as attendance (read_only)")
        connection.execute("use attendance")
    except duckdb.Error as error:
        connection.close()
        raise open_failure(path, error) from error
    return connection


def _not_found(path: Path) -> InputNotFound:
    """The error for a database that is not there; whoever has made the demo may be looking for that one."""
    demo = path.parent / "demo" / DEFAULT_DATABASE.name
    first = f"first, or name that of the demo: --db {demo}" if demo.exists() else "or `noshow demo` first"
    return InputNotFound("database.not_found", f"{path}: no database here", f"Run `noshow ingest FILE` {first}")


def quoted(path: Path) -> str:
    """A path as a text literal in SQL: ATTACH takes no bound value."""
    return "'" + str(path).replace("'", "''") + "'"


def require_ours(connection: duckdb.DuckDBPyConnection, path: Path, *, oldest: int = SCHEMA_VERSION) -> None:
    """Raise `DataRefused` unless noshow made the database, with the `oldest` schema or a later one.

    A reader understands only its own schema; a writer also accepts older ones, since it migrates them.
    """
    import duckdb

    try:
        _require_ours(connection, path, oldest)
    except duckdb.Error as error:
        # Opened, but damaged: DuckDB reads most of a file only when it is asked for.
        raise open_failure(path, error) from error


def _require_ours(connection: duckdb.DuckDBPyConnection, path: Path, oldest: int) -> None:
    (tables,) = connection.execute(_OURS).fetchall()[0]
    if tables != 4:
        raise DataRefused(
            "database.foreign",
            f"{path}: a database of another program",
            "Name another file with --db or NOSHOW_DB",
        )
    (version,) = connection.execute("select schema_version from site").fetchall()[0]
    if version > SCHEMA_VERSION:
        raise DataRefused(
            "database.version",
            f"{path}: made by a newer version of noshow (schema {version}, this one reads {SCHEMA_VERSION})",
            "Upgrade noshow, or load the source files into a new database",
        )
    if version < oldest:
        raise DataRefused(
            "database.version",
            f"{path}: made by an older version of noshow (schema {version}, this one reads {SCHEMA_VERSION})",
            "Run `noshow ingest` once with any export, even one loaded before: it migrates the database and keeps "
            "all that is in it. Or use the noshow that wrote it",
        )


def open_failure(
    path: Path, error: duckdb.Error, hint: str = "Name another file with --db, or run `noshow doctor`"
) -> NoshowError:
    """The error for a file that DuckDB does not open: a lock, rights or space; for all else the file is to blame."""
    # DuckDB raises one class, IOException, for locks and for disk errors: only the text distinguishes them.
    reason = str(error).splitlines()[0][:200]
    if "Could not set lock on file" in reason:
        return StoreBusy("database.busy", f"{path}: another program has it open ({reason})", "Close it there")
    if "ermission denied" in reason or "No space left" in reason:
        return OutputFailed("database.io", f"{path}: {reason}", "Check the rights and the space on the disk")
    return DataRefused(
        "database.unreadable",
        f"{path}: not a database that DuckDB can open ({reason})",
        hint,
    )


def snapshot_id(connection: duckdb.DuckDBPyConnection) -> str:
    """The id of one state of one database, to which cursors belong."""
    (identity,) = connection.execute("select database_id::varchar || '.' || generation from site").fetchall()[0]
    return str(identity)


def database_id(connection: duckdb.DuckDBPyConnection) -> str:
    """The id of a database, the same in all its snapshots."""
    (identity,) = connection.execute("select database_id::varchar from site").fetchall()[0]
    return str(identity)


def site(connection: duckdb.DuckDBPyConnection) -> Site:
    """The site-wide settings that the views use, as stored in the database."""
    row = connection.execute(
        "select time_zone, grace_hours, late_hours, currency, schema_version, noshow_version, min_bookings from site"
    ).fetchall()[0]
    return Site(*row)


def frame_of(
    connection: duckdb.DuckDBPyConnection, text: str, parameters: Mapping[str, Any] | None = None
) -> pl.DataFrame:
    """The rows of a query as a frame, with its values bound."""
    return relation_frame(connection.sql(text, params=dict(parameters or {})))


def rows_by_column(result: duckdb.DuckDBPyConnection, most: int | None = None) -> list[dict[str, Any]]:
    """The rows of an executed statement by column, the first `most` if given, without Polars: it is slow to import."""
    columns = [column[0] for column in result.description or ()]
    rows = result.fetchall() if most is None else result.fetchmany(most)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def relation_frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """The rows of a relation as a frame, by Arrow's C interface.

    `relation.pl()` does the same by way of pyarrow and numpy: importing them takes longer than most queries.
    """
    import polars as pl

    try:
        return pl.DataFrame(relation)
    except pl.exceptions.ComputeError:
        # Polars keeps only the text of an error in the middle of a result. The relation holds no rows: asked again, it
        # raises DuckDB's own error.
        frame: pl.DataFrame = relation.pl()
        return frame
