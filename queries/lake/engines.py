"""Open a lake on an engine, which counts its rows and returns a small result as Polars.

DuckDB and Polars run in this process; Spark runs wherever its Connect server does, which has to see the lake's folder
under the same path. Engines are imported when they are asked for.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import duckdb
import polars as pl

from queries.database import quoted, relation_frame
from queries.errors import DataRefused, OutputFailed, UsageError
from queries.gathered import Period
from queries.installed import how_to_install
from queries.lake.manifest import Lake, read_lake
from queries.model.groupings import Grouping

if TYPE_CHECKING:
    import narwhals as nw

SPARK_PORT = 15002
_PATIENCE = 5  # seconds for a server to accept a connection
_RETRIES = 5


@dataclass(frozen=True, slots=True)
class OpenLake:
    """A lake on an engine: `rows` reads files as a frame of the engine, `bring` turns such a frame into Polars."""

    lake: Lake
    engine: str
    rows: Callable[[list[str]], Any]
    bring: Callable[[Any], pl.DataFrame]
    connection: duckdb.DuckDBPyConnection

    def read(self, period: Period | None = None) -> nw.LazyFrame[Any]:
        """The rows of the files that can hold a period's sessions, lazily: nothing is read before `collect`."""
        import narwhals as nw

        # Engines need at least one file. If none can hold the period, the first will do: no row of it has a date in it.
        files = self.lake.files(period) or self.lake.files()[:1]
        with self._trusted():
            frame: nw.LazyFrame[Any] = nw.from_native(self.rows(files))
            return frame

    def collect(self, frame: nw.LazyFrame[Any]) -> pl.DataFrame:
        """The rows of a lazy frame as Polars. Raises `DataRefused` for files that the engine cannot read."""
        with self._trusted():
            return self.bring(frame.to_native())

    def counts(
        self, rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None = None
    ) -> pl.DataFrame:
        """The counts of each group of rows that count: see `queries.lake.counts`."""
        from queries.lake.counts import contacts, finished, sessions, summed

        sums = self.collect(summed(rows, groupings, part))
        by_session, by_contact = (self.collect(counted(rows, groupings, part)) for counted in (sessions, contacts))
        return finished(sums, by_session, by_contact, groupings)

    def clusters(self, rows: nw.LazyFrame[Any], part: Grouping | None = None) -> pl.DataFrame:
        """The sums that the clustering of all rows that count is estimated from: see `queries.lake.counts`."""
        from queries.lake.counts import CLUSTERED, clusters_by_contact, clusters_by_session, clusters_finished, summed

        own = self.collect(summed(rows, (), part, only=CLUSTERED))
        return clusters_finished(
            own, self.collect(clusters_by_contact(rows, part)), self.collect(clusters_by_session(rows, part))
        )

    @contextmanager
    def _trusted(self) -> Iterator[None]:
        """Translate errors of an engine into one line: `OutputFailed` when memory runs out, else `DataRefused`."""
        try:
            yield
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            raise OutputFailed(
                "machine.memory", f"{self.lake.folder}: not enough memory for this", "Try --engine duckdb or spark"
            ) from error
        except Exception as error:
            if not _from_engine(error):
                raise
            raise DataRefused(
                "lake.unreadable",
                f"{self.lake.folder}: {self.engine} cannot read the lake ({_first_line(error)})",
                "Run `noshow export-lake` again; for Spark, the server must see the folder under the same path",
            ) from error


@contextmanager
def open_lake(folder: str | os.PathLike[str], engine: str = "duckdb", remote: str | None = None) -> Iterator[OpenLake]:
    """Open a lake on an engine, one of `ENGINES`; `remote` (sc://host:port) is the Spark Connect server's address.

    Raises `InputNotFound` for a lake that is missing or empty, `DataRefused` for a damaged one, `UsageError` for an
    engine that is unknown or not installed, `OutputFailed` if the server does not answer.
    """
    if engine not in ENGINES:
        raise UsageError("lake.engine", f"no engine is called {engine!r}", f"Engines: {', '.join(ENGINES)}")
    if (engine == "spark") != bool(remote):
        raise UsageError(
            "lake.remote",
            "the engine spark and the address of a server belong together",
            "Write --engine spark --remote sc://host:15002",
        )
    lake = read_lake(Path(folder))
    with closing(_connection(lake)) as connection, ENGINES[engine](lake, connection, remote) as opened:
        yield opened


def _connection(lake: Lake) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory that can read the lake's files and nothing else."""
    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false; set TimeZone = 'UTC'")
    connection.execute(f"set temp_directory = {quoted(Path(gettempdir()) / f'noshow-lake-{id(connection)}')}")
    connection.execute(f"set allowed_directories = [{quoted(lake.folder)}]")
    connection.execute("set enable_external_access = false")
    return connection


@contextmanager
def _on_duckdb(lake: Lake, connection: duckdb.DuckDBPyConnection, _: str | None) -> Iterator[OpenLake]:
    def rows(files: list[str]) -> duckdb.DuckDBPyRelation:
        return connection.read_parquet(files, hive_partitioning=False)

    yield OpenLake(lake, "duckdb", rows, relation_frame, connection)


@contextmanager
def _on_polars(lake: Lake, connection: duckdb.DuckDBPyConnection, _: str | None) -> Iterator[OpenLake]:
    def rows(files: list[str]) -> pl.LazyFrame:
        return pl.scan_parquet(files, hive_partitioning=False, glob=False)

    yield OpenLake(lake, "polars", rows, lambda frame: frame.collect(engine="streaming"), connection)


@contextmanager
def _on_spark(lake: Lake, connection: duckdb.DuckDBPyConnection, remote: str | None) -> Iterator[OpenLake]:
    assert remote
    server = _address(remote)
    try:
        with _named_main():
            from pyspark.sql.connect.client.retries import DefaultPolicy
            from pyspark.sql.connect.session import SparkSession
    except ImportError:
        raise UsageError("spark.missing", "Spark's client is not installed", how_to_install("spark")) from None
    _require_answer(remote, server)
    session = SparkSession.builder.remote(remote).create()
    # By default the client asks a server that is gone for ten minutes.
    session.client.set_retry_policies([DefaultPolicy(max_retries=_RETRIES, max_backoff=2000)])
    try:
        yield OpenLake(
            lake,
            "spark",
            lambda files: session.read.parquet(*files),
            lambda frame: pl.DataFrame(frame.toArrow()),
            connection,
        )
    finally:
        session.stop()


@contextmanager
def _named_main() -> Iterator[None]:
    """Give the main module a file's name for a while.

    Without one, as under `python -c` or in a pool's worker, Spark's client takes the process for a run of its own
    doctests, finds no Spark beside itself and exits (`check_dependencies` in pyspark 4.2).
    """
    main = sys.modules["__main__"]
    if hasattr(main, "__file__"):
        yield
        return
    main.__file__ = __file__
    try:
        yield
    finally:
        del main.__file__


def _address(remote: str) -> tuple[str, int]:
    address = urlsplit(remote)
    try:
        host, port = address.hostname, address.port or SPARK_PORT
    except ValueError:
        host, port = None, SPARK_PORT
    if address.scheme != "sc" or not host:
        raise UsageError(
            "spark.address", f"{remote!r} is not the address of a Spark Connect server", "Like sc://host:15002"
        )
    return host, port


def _require_answer(remote: str, server: tuple[str, int]) -> None:
    """Raise `OutputFailed` unless something listens there: the client itself would try for many minutes."""
    try:
        socket.create_connection(server, _PATIENCE).close()
    except OSError as error:
        raise OutputFailed(
            "spark.unreachable",
            f"{remote}: no Spark Connect server answers ({error.strerror or error})",
            "Start one, or name another with --remote",
        ) from error


def _from_engine(error: Exception) -> bool:
    return isinstance(error, duckdb.Error | pl.exceptions.PolarsError | OSError) or type(error).__module__.startswith(
        ("pyspark", "grpc")
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]


Opened = Callable[[Lake, duckdb.DuckDBPyConnection, str | None], AbstractContextManager[OpenLake]]
ENGINES: dict[str, Opened] = {"duckdb": _on_duckdb, "polars": _on_polars, "spark": _on_spark}
