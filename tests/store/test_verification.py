"""Words of a snapshot that changed places: whatever shows figures notices, and never shows another figure."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.damage import swapped_words
from support.fixtures import Run

import pipeline
import queries
from pipeline.store.verification import require_sound

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
SETTINGS = pipeline.Settings.model_validate({})
AS_OF = "2026-12-01T00:00:00Z"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    db = tmp_path_factory.mktemp("sound") / "a.duckdb"
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, sorted(SAMPLE.glob("*json"))[:3])
    return db


def figures(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return queries.no_show_rates(con, by=("service",), as_of=AS_OF).rows()


@pytest.mark.parametrize("times", [8, pytest.param(75, marks=pytest.mark.long)])
def test_no_swap_of_words_changes_a_rate_in_silence(snapshot: Path, tmp_path: Path, times: int) -> None:
    """Each of many swaps is refused on opening or checking, or changes nothing of the rates."""
    with queries.connect(snapshot) as con:
        whole = figures(con)
    assert len(whole) == 6
    seed, refused = random.Random(5), 0
    for _ in range(times):
        data = bytearray(snapshot.read_bytes())
        swapped_words(data, seed)
        spoilt = tmp_path / "spoilt.duckdb"
        spoilt.write_bytes(data)
        try:
            with queries.connect(spoilt) as con:
                require_sound(con, counts_only=True)
                assert figures(con) == whole
        except queries.DataRefused:
            refused += 1
    assert refused > times // 10


def test_a_view_with_other_sql_is_refused_and_an_added_one_is_not(snapshot: Path, tmp_path: Path, run: Run) -> None:
    """Swapped words may leave SQL that runs, and counts other rows."""
    db = Path(shutil.copy(snapshot, tmp_path / "copy.duckdb"))
    with duckdb.connect(str(db)) as con:
        con.execute("create view mine as select 1 as one; create macro my_own(x) as x + 1")
    with queries.connect(db) as con:
        require_sound(con)
        assert figures(con)
    with duckdb.connect(str(db)) as con:
        ((sql,),) = con.execute("select sql from duckdb_views() where view_name = 'known_session'").fetchall()
        con.execute(sql.replace("CREATE VIEW", "create or replace view").replace("'CONFIRMED'", "'CANCELLED'"))
    finished = run("rates", "--db", db)
    assert finished.returncode == 65, finished.stderr
    assert "(definition of known_session). Run `noshow doctor --recover`" in finished.stderr


def test_rates_report_and_check_refuse_rows_that_were_not_written(snapshot: Path, tmp_path: Path, run: Run) -> None:
    db = Path(shutil.copy(snapshot, tmp_path / "copy.duckdb"))
    with duckdb.connect(str(db)) as con:
        con.execute("update site set grace_hours = 48")
    for command in (("rates",), ("report",), ("check", "--max-unmet", "9")):
        finished = run(*command, "--db", db)
        assert finished.returncode == 65, finished.stderr
        assert "does not hold the rows written to it (site). Run `noshow doctor --recover`" in finished.stderr
        assert not list(db.parent.glob("*.html"))
