"""Rated bookings by every factor over a lake: the database's own, and none on Spark or of who booked."""

from __future__ import annotations

from collections.abc import Callable

import duckdb
import polars as pl
import pytest

from queries.gathered import gathered
from queries.lake.engines import OpenLake
from queries.lake.gathered import lake_gathered

AS_OF = "2026-08-01T00:00:00Z"
LakeOn = Callable[[str], OpenLake]


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_a_lake_has_the_cells_of_the_database(
    engine: str, lake_on: LakeOn, database: duckdb.DuckDBPyConnection
) -> None:
    with lake_gathered(lake_on(engine), as_of=AS_OF) as lake, gathered(database, as_of=AS_OF) as own:
        theirs, ours = (each.measure("cells") for each in (own, lake))
    assert ours.columns == theirs.columns
    assert ours.sort(pl.all()).equals(theirs.sort(pl.all()))
    assert theirs["rated_bookings"].sum() > 0


@pytest.mark.parametrize(("engine", "name"), [("spark", "cells"), ("duckdb", "concentration")])
def test_a_measure_that_a_lake_does_not_have_is_empty(engine: str, name: str, lake_on: LakeOn) -> None:
    with lake_gathered(lake_on(engine), as_of=AS_OF) as lake:
        assert lake.measure(name).columns == ["part"]
