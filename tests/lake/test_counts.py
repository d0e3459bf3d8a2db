"""The same counts on every engine: 0 rows differ from the database's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.samples import few

import queries
from queries.database import frame_of
from queries.errors import UsageError
from queries.lake.counts import (
    CLUSTERED,
    clusters_by_contact,
    clusters_by_session,
    clusters_finished,
    contacts,
    finished,
    rows_that_count,
    sessions,
    summed,
)
from queries.lake.engines import ENGINES, OpenLake
from queries.lake.rates import lake_rates
from queries.model.groupings import GROUPINGS
from queries.statements import clusters_sql, counts_sql
from queries.views import MEASURES, view_sql

AS_OF = "2026-08-01T00:00:00Z"
LakeOn = Callable[[str], OpenLake]
SINGLE = [(name,) for name in GROUPINGS if name != "participant"]
BY = [(), *SINGLE, ("weekday_hour",), ("service", "week"), ("location", "lead_time"), ("session", "party_size")]
WHERE: list[dict[str, Any]] = [
    {"service": "Yoga", "location": {"$ne": "Harbour"}},
    {"localHour": {"$gte": 18, "$lt": 21}, "localWeekday": {"$in": [1, 2, 3]}},
    {"$not": {"location": {"$startsWith": "HAR"}}},
    {"$or": [{"outcome": None}, {"outcome": {"$in": ["attended", None]}}]},
    {"createdAt": {"$lt": "2026-06-15T00:00:00+01:00"}, "leadDays": {"$gt": 3}},
    {"paymentStatus": {"$nin": ["PAID", None]}},
    {"$not": {"$and": [{"staff": {"$isEmpty": True}}, {"capacity": {"$exists": False}}]}},
    {"capacity": {"$ne": 10}, "localDate": {"$gte": "2026-06-20"}},
    {"isMarked": True, "service": {"$contains": "yOg"}},
    {"session": {"$contains": "18:00"}, "partySize": {"$gte": 1}, "month": {"$lte": "2026-07-01"}},
    {"leadTime": {"$in": ["1 day", "2-7 days"]}, "week": {"$gt": "2026-06-01"}, "quarter": {"$exists": True}},
    {"bookingId": {"$nin": ["11111111-1111-4111-8111-111111111111"]}, "staff": {"$endsWith": "S"}},
]


@pytest.mark.parametrize("by", few(map(pytest.param, BY), 3), ids=",".join)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_the_databases_rows(
    engine: str, by: tuple[str, ...], lake_on: LakeOn, database: duckdb.DuckDBPyConnection
) -> None:
    ours, theirs = lake_rates(lake_on(engine), by, None, AS_OF), queries.no_show_rates(database, by, None, AS_OF)
    assert ours.schema == theirs.schema
    assert ours.equals(theirs)
    assert theirs["bookings"].sum() > 0


@pytest.mark.parametrize("where", few(WHERE, 3), ids=str)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_filter_keeps_the_same_rows_on_every_engine(
    engine: str, where: dict[str, Any], lake_on: LakeOn, database: duckdb.DuckDBPyConnection
) -> None:
    theirs = queries.no_show_rates(database, "location", where, AS_OF)
    assert lake_rates(lake_on(engine), "location", where, AS_OF).equals(theirs)
    assert theirs.height


@pytest.mark.parametrize("as_of", few(["2026-07-01T09:30:00+05:00", "2026-06-30", "1999-01-01"], 1))
@pytest.mark.parametrize("engine", ENGINES)
def test_figures_hold_for_the_moment_asked_for(
    engine: str, as_of: str, lake_on: LakeOn, database: duckdb.DuckDBPyConnection
) -> None:
    for by in ((), ("month",)):
        assert lake_rates(lake_on(engine), by, None, as_of).equals(queries.no_show_rates(database, by, None, as_of))


def test_a_lake_does_not_say_who_booked(lake_on: LakeOn) -> None:
    for asked in ({"by": "participant"}, {"where": {"participantId": "x"}}):
        with pytest.raises(UsageError) as caught:
            lake_rates(lake_on("polars"), **asked)  # type: ignore[arg-type]
        assert caught.value.code == "lake.personal"


OUTCOMES = [
    ("confirmed", "attended", None),
    ("confirmed", "not_attended", None),
    ("confirmed", "unmarked", None),
    *(("confirmed", outcome, None) for outcome in ("presumed_attended", "presumed_missed", "excused")),
    *(("cancelled", None, when) for when in ("early", "late", "business", "unknown")),
    ("other_status", None, None),
]
TYPES = {
    "place": pl.String,
    "outcome": pl.String,
    "cancellation": pl.String,
    "session_id": pl.String,
    "service_id": pl.String,
    "service": pl.String,
    "booked": pl.Int64,
    "absent": pl.Int64,
    "walk_ins": pl.Int64,
    "is_marked": pl.Boolean,
    "is_rated": pl.Boolean,
    "is_missed": pl.Boolean,
    "marks": pl.String,
    "weight": pl.Int64,
    "is_partial": pl.Boolean,
    "is_doubtful_default": pl.Boolean,
    "price": pl.Decimal(18, 4),
    "currency": pl.String,
    "due_at": pl.Datetime("us", "UTC"),
    "participant_id": pl.String,
}


@st.composite
def rows(draw: st.DrawFn) -> list[Any]:
    place, outcome, cancellation = draw(st.sampled_from(OUTCOMES))
    booked = draw(st.sampled_from([1, 2, 3, 70_000]))
    marked = outcome in ("attended", "not_attended")
    rated = marked or outcome in ("presumed_attended", "presumed_missed")
    return [
        place,
        outcome,
        cancellation,
        draw(st.sampled_from([None, "s1", "s2", "s3"])) if outcome is None else draw(st.sampled_from(["s1", "s2"])),
        draw(st.sampled_from([None, "a", "b"])),
        draw(st.sampled_from([None, "Yoga", "yoga", "Ýoga"])),
        booked,
        draw(st.integers(0, booked)) if rated else None,
        draw(st.integers(0, 3)) if rated else None,
        marked,
        rated,
        outcome in ("not_attended", "presumed_missed"),
        draw(st.sampled_from(["both", "both", "no_shows", "arrivals", "default"])),
        draw(st.sampled_from([1, 1, 1, 12])),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([None, Decimal("0.0000"), Decimal("12.3456")])),
        draw(st.sampled_from([None, "EUR", "GBP"])),
        draw(st.sampled_from([None, *(dt.datetime(2026, 1, day, tzinfo=dt.UTC) for day in (1, 2, 3))])),
        draw(st.sampled_from([None, "c1", "c2", "c3", "c4"])),
    ]


@pytest.mark.long
@pytest.mark.parametrize("examples", [10, pytest.param(60, marks=pytest.mark.long)])
def test_any_rows_are_counted_as_the_database_counts_them(examples: int) -> None:
    grouped = st.sampled_from([(), ("service",), ("service", "party_size")])
    settings(max_examples=examples, deadline=None)(given(st.lists(rows(), max_size=12), grouped)(hold))()


def hold(drawn: list[list[Any]], by: tuple[str, ...]) -> None:
    as_of = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    frame = pl.DataFrame(drawn, schema=TYPES, orient="row")
    frame = frame.with_columns(
        is_counted=pl.col("place").is_in(("confirmed", "cancelled")),
        absent_value=(pl.col("absent") * pl.col("price") * pl.col("weight")).cast(pl.Decimal(28, 4)),
        first_booking=pl.when(pl.col("weight") == 1).then("participant_id"),
    )
    groupings = [GROUPINGS[name] for name in by]
    con = with_macros()
    con.execute("create or replace table fact as from frame")
    con.execute(
        "create or replace view due as from fact where due_at <= timestamptz '2026-01-02 00:00Z' and is_counted"
    )
    theirs = sorted(frame_of(con, counts_sql(groupings, relation="due")[0]).rows(), key=repr)
    clusters = frame_of(con, clusters_sql(relation="due")[0]).to_dicts()
    for native in (frame.lazy(), con.sql("from fact")):
        counted_rows = rows_that_count(nw.from_native(native), as_of)
        parts = [in_polars(count(counted_rows, groupings)) for count in (summed, sessions, contacts)]
        assert sorted(finished(*parts, groupings).rows(), key=repr) == theirs
        own = in_polars(summed(counted_rows, (), only=CLUSTERED))
        by_cluster = (in_polars(count(counted_rows)) for count in (clusters_by_contact, clusters_by_session))
        assert clusters_finished(own, *by_cluster).to_dicts() == clusters


@cache
def with_macros() -> duckdb.DuckDBPyConnection:
    """An in-memory database with the macros of the measures."""
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    for name in MEASURES:
        con.execute(view_sql(name))
    return con


def in_polars(frame: nw.LazyFrame[Any]) -> pl.DataFrame:
    native = nw.to_native(frame)
    return native.collect() if isinstance(native, pl.LazyFrame) else native.pl()
