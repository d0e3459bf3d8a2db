"""Frames offered to DuckDB one after the other: each is read while it is held, none is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest
from support.peaks import PEAK

from pipeline.load.offer import Offer

_FRAMES_OF_EIGHT_MEGABYTES = """
import duckdb
import polars as pl
from pipeline.load.offer import Offer

con = duckdb.connect()
con.execute("begin")
offer = Offer(con, "rows")
for number in range(60):
    with offer.holding(pl.DataFrame({"n": [number]}).select(pl.col("n").repeat_by(1_000_000).explode())):
        con.execute("select sum(n) from rows").fetchall()
    if number == 10:
        before = peak()
print(peak() - before)
"""


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_each_frame_is_read_while_it_is_held(con: duckdb.DuckDBPyConnection) -> None:
    offer = Offer(con, "rows")
    for names in (["a", "b"], ["c"]):
        with offer.holding(pl.DataFrame({"name": names})):
            assert con.execute("select name from rows order by name").fetchall() == [(name,) for name in names]
        assert con.execute("select name from rows").fetchall() == []


def test_a_statement_that_fails_lets_go_as_well(con: duckdb.DuckDBPyConnection) -> None:
    offer = Offer(con, "rows")
    with pytest.raises(duckdb.Error), offer.holding(pl.DataFrame({"name": ["a"]})):
        con.execute("select nothing from rows")
    assert con.execute("select name from rows").fetchall() == []


def test_no_frame_is_kept_until_the_transaction_ends() -> None:
    """Fifty frames of eight megabytes: 400, were they kept."""
    result = subprocess.run(
        [sys.executable, "-c", PEAK + _FRAMES_OF_EIGHT_MEGABYTES], capture_output=True, text=True, check=True
    )
    assert int(result.stdout) < 150
