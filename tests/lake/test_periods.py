"""Sums that compare periods over a lake are the database's own, on every engine and in every part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import duckdb
import polars as pl
import pytest
from support.samples import few

from queries.gathered import Gathered, gathered
from queries.lake.engines import OpenLake
from queries.lake.gathered import lake_gathered
from queries.model.stretches import Stretches

AS_OF = "2026-08-01T00:00:00Z"
LakeOn = Callable[[str], OpenLake]
EARLY, LATE = (dt.date(2026, 6, 1), dt.date(2026, 6, 12)), (dt.date(2026, 6, 13), dt.date(2026, 8, 5))
STRETCHES = {
    "all": Stretches(EARLY, LATE),
    "ever": Stretches((dt.date.min, EARLY[1]), (LATE[0], dt.date.max)),
    "named": Stretches(EARLY, LATE, "location", ("HARBOUR",)),
    "others": Stretches(EARLY, LATE, "location", ("harbour",), is_named=False),
}


def frames(found: Gathered) -> dict[str, pl.DataFrame]:
    made = {name: found.measure(name) for name in ("weeks", "halves")} | {"overlaps": found.overlaps(STRETCHES)}
    # Only groups at a location have its name in a lake.
    made["weeks"] = made["weeks"].with_columns(location=pl.when(pl.col("location_id").is_not_null()).then("location"))
    text = pl.exclude(pl.Int64, pl.Date).cast(pl.String)
    return {name: frame.select(sorted(frame.columns)).with_columns(text).sort(pl.all()) for name, frame in made.items()}


@pytest.mark.parametrize("split", [None, "location"])
@pytest.mark.parametrize("engine", few(["duckdb", "polars", "spark"], 1))
def test_a_lake_has_the_sums_of_the_database(
    engine: str, split: str | None, lake_on: LakeOn, database: duckdb.DuckDBPyConnection
) -> None:
    with lake_gathered(lake_on(engine), as_of=AS_OF, split=split) as lake:
        ours = frames(lake)
    with gathered(database, as_of=AS_OF, split=split) as own:
        theirs = frames(own)
    for name, expected in theirs.items():
        assert ours[name].equals(expected), name
    assert theirs["overlaps"].filter(comparison="named")["products"].sum() > 0
    assert theirs["overlaps"].filter(comparison="others")["rated_after"].sum() > 0
    assert theirs["weeks"]["session_squares"].sum() > theirs["weeks"]["rated_bookings"].sum()
