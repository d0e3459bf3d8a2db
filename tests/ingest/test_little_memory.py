"""A file is loaded in little memory, and once more without a limit if that does not suffice."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from support.records import Make

import pipeline
from pipeline.load import little_memory
from pipeline.settings import Settings


def _file(folder: Path, make: type[Make]) -> Path:
    file = folder / "records.ndjson"
    file.write_text("".join(json.dumps(make.attendance(n, "ATTENDED")) + "\n" for n in range(1, 9)))
    return file


def _limit(connection: duckdb.DuckDBPyConnection) -> str:
    return str(connection.execute("select current_setting('memory_limit')").fetchall()[0][0])


@pytest.mark.parametrize("limit", [little_memory.LEAST, 1_000_000])
def test_a_limit_that_is_too_low_costs_no_record(
    limit: int, tmp_path: Path, make: type[Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(little_memory, "LEAST", limit)
    with pipeline.open_store(tmp_path / "a.duckdb") as store:
        before = _limit(store.connection)
        (outcome,) = pipeline.ingest(store, [_file(tmp_path, make)])
        assert (outcome.read, outcome.loaded) == (8, 8)
        assert store.connection.execute("select count(*) from attendance").fetchall() == [(8,)]
        assert store.connection.execute("select count(*) from load_ledger").fetchall() == [(1,)]
        assert _limit(store.connection) == before


def test_the_owners_limit_stays_and_is_not_lifted(tmp_path: Path, make: type[Make]) -> None:
    settings = Settings.model_validate({"memory_limit": "100MB"})
    with pipeline.open_store(tmp_path / "a.duckdb", settings=settings) as store:
        before = _limit(store.connection)
        pipeline.ingest(store, [_file(tmp_path, make)])
        assert _limit(store.connection) == before
        store.connection.execute("set memory_limit = '1MB'")
        with pytest.raises(duckdb.OutOfMemoryException):
            pipeline.ingest(store, [_file(tmp_path, make)], kind="attendance")
        store.connection.execute("set memory_limit = '100MB'")
