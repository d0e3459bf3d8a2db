"""Fixtures for every test: an empty store, a way to load records, a way to run commands; and `pytest --long`."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.commands import Finished, forked, real, surroundings
from support.fixtures import Load, Published, Run, Write
from support.records import Make, Record

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.store.content_state import differing_tables
from pipeline.store.files import StoreFiles
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
_WAITING = pytest.StashKey[int]()
# The most parameters of a test that run by default, spread over all of them; the others are long. Tests of the project
# and those run by name have all of theirs.
_SPREAD = 2
_WHOLE = ("project", "stress")
# The folders whose long tests let DuckDB work on all threads.
_ON_ALL_THREADS = ("report", "store")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, too")
    parser.addoption("--every", type=int, default=1, metavar="N", help="run every Nth of the tests chosen otherwise")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked `long`, and most parameters of tests that have many, for `--long`."""
    for item in _beyond_spread(items):
        item.add_marker(pytest.mark.long)
    long = [] if config.getoption("long") else [item for item in items if item.get_closest_marker("long")]
    left_out = set(long)
    kept = [item for item in items if item not in left_out][:: config.getoption("every")]
    config.hook.pytest_deselected(items=[*set(items).difference(kept)])
    items[:] = kept
    config.stash[_WAITING] = len(long)


def _beyond_spread(items: list[pytest.Item]) -> Iterator[pytest.Item]:
    of_test: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.path.parent.name not in _WHOLE and not item.get_closest_marker("long"):
            of_test.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for several in of_test.values():
        kept = {len(several) * number // _SPREAD for number in range(_SPREAD)}
        if len(several) > _SPREAD:
            yield from (item for number, item in enumerate(several) if number not in kept)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist reports to the process that prints."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["waiting"] = session.config.stash.get(_WAITING, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_WAITING] = getattr(node, "workeroutput", {}).get("waiting", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    waiting = config.stash.get(_WAITING, 0)
    if waiting:
        terminalreporter.write_line(f"{waiting} long tests were left for `pytest --long`")


@pytest.fixture(scope="session", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the template of new databases, see `pipeline.template`, in a folder that all workers share."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        yield


@pytest.fixture(autouse=True)
def _one_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let DuckDB work on one thread, which takes a sixth less time for the few rows of most tests.

    Commands in processes of their own use all threads, and so do the long tests of stores and reports.
    """
    real = duckdb.connect

    def connect(database: Any = ":memory:", read_only: bool = False, config: Any = None) -> duckdb.DuckDBPyConnection:
        return real(database, read_only, {"threads": 1, **(config or {})})

    on_all = request.config.getoption("long") and request.path.parent.name in _ON_ALL_THREADS
    with pytest.MonkeyPatch.context() as patch:
        if not on_all:
            patch.setattr(duckdb, "connect", connect)
        yield


@pytest.fixture(scope="session")
def make() -> type[Make]:
    return Make


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "attendance.duckdb"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has tables and views and no rows."""
    folder = tmp_path_factory.mktemp("empty")
    with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})):
        pass
    return folder


class _Enough(Exception):
    """Ends a store without publishing it."""


@pytest.fixture
def store(db: Path, empty: Path) -> Iterator[Store]:
    """An empty store. When the test ends its tables are held to their hashes; nothing is published for nobody.

    It has a work file and no snapshot, as after a crash before the first publication, since a snapshot is opened twice.
    """
    made = StoreFiles(empty / db.name)
    for file in (made.work, made.secret):
        shutil.copy(file, db.with_name(file.name))
    settings = pipeline.Settings.model_validate({})
    with contextlib.suppress(_Enough), pipeline.open_store(db, settings=settings) as opened:
        yield opened
        assert differing_tables(opened.connection) == []
        raise _Enough


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write records as NDJSON (texts as they are) into a new file."""
    numbers = iter(range(1000))

    def write_records(*records: Record | str, name: str = "records") -> Path:
        path = tmp_path / f"{next(numbers):03d}_{name}.ndjson"
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_records


@pytest.fixture
def load(store: Store, write: Write) -> Load:
    """Ingest records into the store; the outcome of their file."""

    def load_records(*records: Record | str, **options: Any) -> FileOutcome:
        (outcome,) = pipeline.ingest(store, [write(*records)], now=NOW, **options)
        return outcome

    return load_records


@pytest.fixture
def con(store: Store) -> duckdb.DuckDBPyConnection:
    """The store's own connection, which sees rows as soon as they are written."""
    return store.connection


@pytest.fixture
def published(db: Path) -> Iterator[Published]:
    opened: list[duckdb.DuckDBPyConnection] = []

    def connect() -> duckdb.DuckDBPyConnection:
        opened.append(queries.connect(db))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run noshow in an empty folder; warnings are errors there too."""

    def run_noshow(*args: str | Path, **env: str) -> Finished:
        return forked(*args, cwd=tmp_path, env=surroundings(**env))

    return run_noshow


@pytest.fixture
def start(tmp_path: Path) -> Run:
    """Run noshow like `run`, in an interpreter of its own: for tests of how it starts, or that cannot fork."""

    def start_noshow(*args: str | Path, **env: str) -> Finished:
        return real(*args, cwd=tmp_path, env=surroundings(**env))

    return start_noshow
