"""The built-in sample as a database and as a lake, on each engine; Sail stands in for Spark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

import pipeline
import queries
from queries.lake.engines import OpenLake, open_lake

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `a.duckdb` and its lake."""
    folder = tmp_path_factory.mktemp("lake")
    with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [SAMPLE])
    pipeline.export_lake(folder / "a.duckdb", folder / "lake")
    return folder


@pytest.fixture(scope="session")
def database(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with queries.connect(sample / "a.duckdb") as connection:
        yield connection


@pytest.fixture(scope="session")
def sail() -> Iterator[str]:
    """The address of a Spark Connect server on this machine."""
    pytest.importorskip("pyspark", reason="no Spark client here: pip install 'noshow[spark]'")
    spark = pytest.importorskip("pysail.spark", reason="no Sail here: pip install 'noshow[sail]'")
    server = spark.SparkConnectServer()
    server.start()
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def spark_lake(sample: Path, sail: str) -> Iterator[OpenLake]:
    with open_lake(sample / "lake", "spark", sail) as opened:
        # The server knows a session from its first question on, and does not end one that it does not know.
        opened.collect(opened.read().head(1))
        yield opened


@pytest.fixture(scope="session")
def duckdb_lake(sample: Path) -> Iterator[OpenLake]:
    with open_lake(str(sample / "lake"), "duckdb") as opened:
        yield opened


@pytest.fixture(scope="session")
def polars_lake(sample: Path) -> Iterator[OpenLake]:
    with open_lake(sample / "lake", "polars") as opened:
        yield opened


@pytest.fixture
def lake_on(request: pytest.FixtureRequest) -> Callable[[str], OpenLake]:
    """The sample's lake on an engine, opened once."""
    return lambda engine: request.getfixturevalue(f"{engine}_lake")
