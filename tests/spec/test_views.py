"""The views beside the rates have the numbers of the report's measures, to the last digit, in the order that is meant."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from support import oracle
from support.cases import Case
from support.in_memory import in_memory_case
from support.records import Make

import queries
from queries.database import frame_of
from queries.model.groupings import LEAD_TIME_BANDS, NOTICE_BANDS
from reports.sections.headline.notice import UNKNOWN, notice_of

AS_OF = "2026-06-01T00:00:00Z"
FIRST = dt.datetime(2026, 3, 2, 18)  # noqa: DTZ001
REMINDERS = [None, '{"reminder":true}', '{"channel":"web","reminder":false}', '{"channel":"desk"}']


def business(seed: int, bookings: int = 90) -> oracle.Records:
    """Classes with a capacity, some of which nobody books, a course of four sessions, marks, cancellations, notes."""
    draw = random.Random(seed)
    sessions = [
        {"id": Make.event(n), "schedule_id": "course" if n % 4 == 0 else f"class-{n % 3}", "status": "CONFIRMED",
         "service_name": "Pottery" if n % 4 == 0 else "Yoga", "starts_at": FIRST + dt.timedelta(days=3 * n),
         "capacity": draw.choice([None, 4, 4, 8]), "load_id": 1}
        for n in range(16)
    ]  # fmt: skip
    rows, marks = [], []
    for n in range(bookings):
        on_course = n % 9 == 0
        day = draw.choice([1, 2, 3, 5, 6, 7, 9, 10])
        covered = [0, 4, 8, 12] if on_course else [day]
        cancelled = draw.random() < 0.25
        before = dt.timedelta(hours=draw.choice([-2, 1, 11, 24, 47, 100, 200]))
        rows.append(
            {"id": Make.guid(n, 1), "booked_entity": "schedule" if on_course else "slot",
             "schedule_id": "course" if on_course else None, "event_id": None if on_course else Make.event(day),
             "session_key": None if on_course else Make.event(day), "status": "CANCELED" if cancelled else "CONFIRMED",
             "service_id": Make.guid(draw.randrange(2), 3), "service_name": "Yoga", "load_id": 1,
             "participants": draw.randint(1, 3), "contact_id": f"c{draw.randrange(12)}", "contact_name": "Ana Berg",
             "created_at": FIRST - dt.timedelta(days=draw.randrange(40)), "attributes": draw.choice(REMINDERS),
             "starts_at": FIRST + dt.timedelta(days=3 * day), "time_zone": "Europe/Dublin",
             "canceled_at": draw.choice([None, FIRST + dt.timedelta(days=3 * day) - before]) if cancelled else None}
        )  # fmt: skip
        for session in covered:
            status = draw.choice(["ATTENDED", "NOT_ATTENDED", "NOT_ATTENDED", None])
            if status:
                marks.append(
                    {"id": Make.guid(100 * n + session, 2), "booking_id": Make.guid(n, 1), "status": status,
                     "number_of_attendees": draw.randint(1, 4), "event_id": Make.event(session),
                     "session_key": Make.event(session), "load_id": 1}
                )  # fmt: skip
    return oracle.Records(sessions=sessions, bookings=rows, attendances=marks)


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """The business, which every test only reads."""
    with in_memory_case() as case:
        case.load(business(23))
        case.con.execute("set variable as_of = timestamp '2026-06-01'")
        yield case.con


def view(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    found = frame_of(con, f"from {name}")
    assert found.height > 1, name
    return found


@pytest.mark.parametrize("name", ["occupancy", "repeat_no_shows"])
def test_a_view_has_the_rows_of_the_function_of_its_name(con: duckdb.DuckDBPyConnection, name: str) -> None:
    ours: pl.DataFrame = getattr(queries, name)(con, as_of=AS_OF)
    assert_frame_equal(view(con, name), ours, check_exact=True)


def test_the_drop_off_of_courses_is_that_of_the_function(con: duckdb.DuckDBPyConnection) -> None:
    ours = queries.course_sessions(con, as_of=AS_OF)
    found = view(con, "course_sessions")
    assert found["session_number"].to_list() == [1, 2, 3, 4]
    assert_frame_equal(found, ours.select(found.columns), check_exact=True)


def test_each_session_counts_its_capacity_once(con: duckdb.DuckDBPyConnection) -> None:
    found = view(con, "session_occupancy")
    assert found["session_id"].is_unique().all()
    assert found["local_start"].is_sorted()
    (over_counted,) = con.execute("select sum(capacity) from booked_session").fetchall()[0]
    assert found["capacity"].sum() < over_counted
    assert found.filter(pl.col("booked") == 0).height > 0
    summed = (
        found.group_by("service_id", "capacity")
        .agg(pl.len().alias("sessions").cast(pl.Int64), pl.col("capacity").sum().alias("seats"), pl.col("booked").sum())
        .sort("service_id", "capacity")
    )
    ours = queries.occupancy(con, as_of=AS_OF).select(summed.columns).sort("service_id", "capacity")
    assert_frame_equal(summed, ours, check_exact=True)


def test_a_session_booked_under_two_services_has_its_seats_once(case: Case) -> None:
    case.given(
        session="""
            session | starts_at        | capacity
            mon     | 2026-03-02 18:00 | 9
        """,
        booking="""
            booking | session | starts_at        | service
            b1      | mon     | 2026-03-02 18:00 | Yoga
            b2      | mon     | 2026-03-02 18:00 | Pilates
        """,
    )
    assert queries.occupancy(case.con, as_of=AS_OF)["seats"].to_list() == [9]


def test_the_column_says_that_it_cannot_be_summed(con: duckdb.DuckDBPyConnection) -> None:
    comment = "select comment from duckdb_columns() where table_name = $table and column_name = 'capacity'"
    for table in ("booked_session", "booking_session", "session_roster"):
        ((text,),) = con.execute(comment, {"table": table}).fetchall()
        assert "session_occupancy" in text


def test_cancellations_by_notice_are_those_of_the_report(con: duckdb.DuckDBPyConnection) -> None:
    bands = notice_of(queries.no_show_rates(con, "notice", as_of=AS_OF))
    columns = ("notice", "cancelled_bookings", "share_of_known", "late_cancelled", "business_cancelled")
    shown = [(name or UNKNOWN, *rest) for name, *rest in view(con, "cancellations_by_notice").select(columns).rows()]
    assert shown == [(each.name, each.cancelled, each.share, each.late, each.by_business) for each in bands]
    assert [name for name, *_ in shown][-1] == UNKNOWN


def test_values_of_attributes_have_the_rates_of_their_grouping(con: duckdb.DuckDBPyConnection) -> None:
    found = view(con, "no_show_by_attribute_value")
    assert found["attribute"].unique(maintain_order=True).to_list() == ["channel", "reminder"]
    for name in ("channel", "reminder"):
        key = f"attributes.{name}"
        ours = queries.no_show_rates(con, key, as_of=AS_OF).rename({key: "value"}).sort("value", nulls_last=True)
        theirs = found.filter(pl.col("attribute") == name).drop("attribute")
        assert theirs["value"].to_list()[-1] is None
        rows = theirs.sort("value", nulls_last=True)
        assert_frame_equal(rows, ours.select(rows.columns), check_exact=True)


def sorted_by(con: duckdb.DuckDBPyConnection, name: str) -> list[Any]:
    return [value for value in view(con, f"no_show_by_{name}")[name].to_list() if value is not None]


def test_groups_in_time_or_size_stand_in_their_order(con: duckdb.DuckDBPyConnection) -> None:
    found = sorted_by(con, "week")
    assert found == sorted(found)
    for name, bands in (("lead_time", LEAD_TIME_BANDS), ("notice", NOTICE_BANDS)):
        found = sorted_by(con, name)
        assert found == [band for band in bands if band in found], name
        assert found != sorted(found), name
