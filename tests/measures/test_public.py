"""The measures as a Python user calls them: frames of the documented columns, empty ones too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load
from support.records import Make

import queries

AS_OF = "2026-06-01T00:00:00Z"
MEASURES: list[Callable[..., pl.DataFrame]] = [
    queries.missing_registers,
    queries.course_sessions,
    queries.enrolments,
    queries.repeat_no_shows,
    queries.occupancy,
    queries.empty_seats,
    queries.other_definitions,
]


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_a_database_with_nothing_in_it_gives_frames_all_the_same(con: duckdb.DuckDBPyConnection, measure: Any) -> None:
    frame = measure(con, as_of=AS_OF)
    assert "part" not in frame.columns
    assert frame.height == (6 if measure is queries.other_definitions else 0)
    with pytest.raises(queries.QueryError):
        measure(con, {"servise": "Yoga"})


def test_a_filter_and_a_moment_are_kept_to(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(*(make.booking(n, start=f"2026-03-{n:02d}T18:00:00+00:00") for n in range(1, 6)))
    assert queries.missing_registers(con, as_of=AS_OF).height == 5
    assert queries.missing_registers(con, {"localDate": {"$gte": "2026-03-04"}}, AS_OF).height == 2
    assert queries.missing_registers(con, as_of="2026-03-03T00:00:00Z").height == 1
    rates = dict(queries.other_definitions(con, as_of=AS_OF).select("definition", "rate").iter_rows())
    assert (rates["headline"], rates["unmarked_as_missed"], rates["unmarked_as_shown"]) == (None, 1.0, 0.0)
