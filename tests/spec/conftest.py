"""The fixture for each case of the specification: an in-memory database, made once and emptied after every case."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import duckdb
import pytest
from support.cases import Case

import pipeline
from pipeline.store.content_state import take_states
from pipeline.store.opening import make_all


@pytest.fixture(scope="session")
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the real tables and views, made once."""
    with closing(duckdb.connect()) as con:
        con.execute("set TimeZone = 'UTC'")
        make_all(con, pipeline.Settings.model_validate({}))
        con.execute("create temp table site_at_first as from site")
        yield con


@pytest.fixture
def case(in_memory: duckdb.DuckDBPyConnection) -> Iterator[Case]:
    case = Case(in_memory)
    yield case
    case.clear()
    in_memory.execute("delete from site; insert into site from site_at_first")
    take_states(in_memory)
