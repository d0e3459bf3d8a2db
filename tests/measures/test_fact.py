"""The fact: which pairs of booking and session count, and what becomes of the others."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest
from support.fixtures import Load
from support.records import Make

import queries
from pipeline.load.content_state import tracked

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def steps(con: duckdb.DuckDBPyConnection, as_of: Any = AS_OF) -> dict[str, int]:
    table = queries.waterfall(con, as_of=as_of)
    told = dict(table.select("step", "rows").iter_rows())
    assert told["pairs"] == sum(
        told[step] for step in ("other_status", "cancelled", "session_cancelled", "no_session", "confirmed")
    )
    assert told["confirmed"] == told["not_due"] + told["due"]
    assert told["due"] == told["unmarked"] + told["marked"]
    assert told["marked"] == told["attended"] + told["not_attended"]
    return {step: rows for step, rows in told.items() if rows}


def session(make: type[Make], number: int, start: str = "2026-03-02T18:00:00Z", **changes: Any) -> dict[str, Any]:
    return {
        "id": make.event(number),
        "scheduleId": "schedule-1",
        "serviceId": make.guid(1, 3),
        "start": {"timestamp": start, "timeZone": "Europe/Dublin"},
        "end": {"timestamp": start.replace("18:00", "19:00"), "timeZone": "Europe/Dublin"},
        "status": "CONFIRMED",
    } | changes


@pytest.mark.parametrize("status", ["CREATED", "PENDING", "DECLINED", "WAITING_LIST"])
def test_only_confirmed_bookings_count(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, status: str
) -> None:
    load(make.booking(1, status=status), make.booking(2))
    assert steps(con) == {"pairs": 2, "other_status": 1, "confirmed": 1, "due": 1, "unmarked": 1}


def test_a_cancelled_session_is_no_no_show(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.booking(1), make.attendance(1, "NOT_ATTENDED"))
    load(session(make, 1, status="CANCELLED"))
    assert steps(con) == {"pairs": 1, "session_cancelled": 1}


def test_a_session_is_due_a_day_after_its_end(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(make.booking(1, slot={"endDate": "2026-03-02T19:00:00Z"}), make.attendance(1))
    end = dt.datetime(2026, 3, 2, 19, tzinfo=dt.UTC)
    due = end + dt.timedelta(hours=24)
    assert steps(con, due) == {"pairs": 1, "confirmed": 1, "due": 1, "marked": 1, "attended": 1}
    assert steps(con, due - dt.timedelta(seconds=1)) == {"pairs": 1, "confirmed": 1, "not_due": 1}
    flags = dict(queries.flags(con, end).select("flag", "rows").iter_rows())
    assert flags["marked_before_due"] == 1


def test_a_rescheduled_booking_counts_in_its_new_session_only(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1, updatedDate="2026-02-21T00:00:00Z"), make.attendance(1, "NOT_ATTENDED"))
    load(session(make, 1), session(make, 2, "2026-03-09T18:00:00Z"))
    moved = make.booking(1, updatedDate="2026-03-01T00:00:00Z", slot={"eventId": make.event(2)})
    load(moved)
    assert steps(con) == {"pairs": 1, "confirmed": 1, "due": 1, "unmarked": 1}
    assert con.execute("select session_id from booked_session").fetchall() == [(make.event(2),)]
    flags = dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())
    assert (flags["moved_away"], flags["unknown_session"]) == (1, 0)


def test_an_event_that_arrives_later_takes_the_slots_place(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1))
    query = "select starts_at::varchar, capacity, location from booked_session"
    assert con.execute(query).fetchall() == [("2026-03-02 18:00:00", None, "Harbour")]
    load(session(make, 1, "2026-03-03T18:00:00Z", totalCapacity=9, location={"id": "site-2", "name": "Old Town"}))
    assert con.execute(query).fetchall() == [("2026-03-03 18:00:00", 9, "Old Town")]


def course_booking(make: type[Make], number: int, **changes: Any) -> dict[str, Any]:
    booking: dict[str, Any] = make.booking(number, **changes)
    booking["bookedEntity"] = {
        "schedule": {"scheduleId": "schedule-1", "serviceId": make.guid(1, 3), "timezone": "Europe/Dublin"},
        "title": "Pottery",
        "tags": ["COURSE"],
    }
    return booking


def test_a_course_has_a_pair_for_each_session_after_the_booking(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(course_booking(make, 1, createdDate="2026-03-05T00:00:00Z"))
    load(make.attendance(1, "ATTENDED", eventId=make.event(3)))
    assert steps(con) == {"pairs": 1, "no_session": 1}
    assert dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())["unknown_session"] == 1
    starts = {2: "2026-03-02", 3: "2026-03-09", 4: "2026-03-16", 5: "2026-03-23"}
    load(
        *(
            session(make, n, f"{day}T18:00:00Z", status="CANCELLED" if n == 5 else "CONFIRMED")
            for n, day in starts.items()
        )
    )
    expected = {"pairs": 3, "session_cancelled": 1, "confirmed": 2, "due": 2, "unmarked": 1, "marked": 1, "attended": 1}
    assert steps(con) == expected


def test_attendance_is_found_by_the_deprecated_session_id_too(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1, slot={"sessionId": "s" * 120}))
    load(make.attendance(1, eventId=None, sessionId="s" * 120))
    assert steps(con)["attended"] == 1
    load(make.attendance(1, "NOT_ATTENDED", id=make.guid(7, 2), eventId=make.event(9), sessionId="s" * 120))
    assert con.execute("select count(*) from booked_session").fetchall() == [(1,)]


def test_a_booking_without_any_session_id_is_still_counted(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load({"booking": make.booking(1, slot={"eventId": None}), "attendance": {"status": "NOT_ATTENDED"}})
    assert steps(con)["not_attended"] == 1


def test_orphans_are_kept_flagged_and_join_when_the_booking_arrives(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.attendance(1))
    flags = dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())
    assert (flags["unknown_booking"], steps(con)) == (1, {})
    load(make.booking(1))
    flags = dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())
    assert (flags["unknown_booking"], steps(con)["attended"]) == (0, 1)


CANCELLATIONS = [
    ({"canceledDate": "2026-03-01T17:59:59Z"}, "early"),
    ({"canceledDate": "2026-03-01T18:00:00Z"}, "late"),
    ({"canceledDate": "2026-03-02T17:00:00Z", "canceledBy": "CUSTOMER"}, "late"),
    ({"canceledDate": "2026-03-02T17:00:00Z", "canceledBy": "BUSINESS"}, "business"),
    ({}, "unknown"),
]


@pytest.mark.parametrize(("cancel", "expected"), CANCELLATIONS)
def test_cancellations_stand_beside_no_shows(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, cancel: dict[str, Any], expected: str
) -> None:
    load(make.booking(1, status="CANCELED", **cancel), make.booking(2), make.attendance(2, "NOT_ATTENDED"))
    row = queries.no_show_rates(con, by=(), as_of=AS_OF).row(0, named=True)
    assert (row["bookings"], row["no_shows"], row["cancelled_bookings"]) == (1, 1, 1)
    assert row[f"{expected}_cancelled"] == 1
    assert row["late_cancelled"] == {"late": 1, "unknown": None}.get(expected, 0)
    assert row["lost_seat_rate"] == (None if expected == "unknown" else 1.0)


def test_a_cancelled_booking_with_a_mark_is_a_conflict(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1, status="CANCELED"), make.attendance(1, "NOT_ATTENDED"))
    assert dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())["cancelled_but_marked"] == 1
    assert steps(con) == {"pairs": 1, "cancelled": 1}


def test_local_time_is_the_sessions_own(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(
        make.booking(1, start="2026-03-01T23:30:00Z", slot={"timezone": "Asia/Tokyo"}),
        make.booking(2, start="2026-03-01T23:30:00Z", slot={"timezone": None}),
    )
    with tracked(con, "site"):
        con.execute("update site set time_zone = 'America/New_York'")
    rows = con.execute("select local_start::varchar, local_weekday, local_hour from booked_session order by booking_id")
    assert rows.fetchall() == [("2026-03-02 08:30:00", 1, 8), ("2026-03-01 18:30:00", 7, 18)]


def test_value_is_summed_in_one_currency_only(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    def priced(number: int, amount: str, currency: str) -> dict[str, Any]:
        booking: dict[str, Any] = make.booking(number, 2)
        booking["bookedEntity"]["rate"] = {"labeledPriceOptions": {"general": {"amount": amount, "currency": currency}}}
        return booking

    load(priced(1, "14.50", "EUR"), make.attendance(1, "NOT_ATTENDED"))
    assert float(queries.no_show_rates(con, by=(), as_of=AS_OF)["value_absent"].item()) == 29.0
    load(priced(2, "10", "USD"), make.attendance(2, "NOT_ATTENDED"))
    assert queries.no_show_rates(con, by=(), as_of=AS_OF)["value_absent"].item() is None


def test_filters_choose_booked_sessions(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(*(make.booking(n, n, f"2026-03-{n:02d}T18:00:00Z") for n in range(1, 6)))
    for where, expected in [
        ({"service": "Yoga"}, 5),
        ({"service": {"$ne": "Yoga"}}, 0),
        ({"localDate": {"$gte": "2026-03-02", "$lt": "2026-03-05"}}, 3),
        ({"local_weekday": {"$in": [1, 7]}}, 2),
        ({"bookingId": make.guid(2, 1)}, 1),
        ({"booked": {"$gt": 2}, "staff": "Ana"}, 3),
        ({"paymentStatus": None}, 5),
        ({"participantId": {"$nin": [make.guid(1, 4)]}}, 4),
        ({"service": "' or 1=1 --"}, 0),
    ]:
        assert queries.no_show_rates(con, by=(), where=where, as_of=AS_OF)["bookings"].item() == expected, where
    assert queries.filter_in_english({"service": "Yoga", "localHour": {"$gte": 17}}) == (
        "service is Yoga and hour is at least 17"
    )


@pytest.mark.parametrize(
    ("where", "code", "path"),
    [
        ({"servise": "Yoga"}, "UNKNOWN_FIELD", "/servise"),
        ({'service"; drop table booking; --': 1}, "UNKNOWN_FIELD", '/service"; drop table booking; --'),
        ({"service": {"$like": "Y"}}, "UNKNOWN_OPERATOR", "/service/$like"),
        ({"service": {}}, "INVALID_OPERATOR_OBJECT", "/service"),
        ({"service": 5}, "INVALID_TYPE", "/service"),
        ({"service": {"$gt": "A"}}, "OPERATOR_NOT_SUPPORTED", "/service/$gt"),
        ({"localHour": "5"}, "INVALID_TYPE", "/localHour"),
        ({"localHour": True}, "INVALID_TYPE", "/localHour"),
        ({"localDate": "yesterday"}, "INVALID_VALUE", "/localDate"),
        ({"startsAt": "2026-03-01T10:00:00"}, "INVALID_VALUE", "/startsAt"),
        ({"service": {"$in": []}}, "EMPTY_ARRAY", "/service/$in"),
        ({"service": {"$in": ["a", 1]}}, "INVALID_TYPE", "/service/$in/1"),
        ([], "INVALID_TYPE", ""),
    ],
)
def test_a_wrong_filter_says_where(con: duckdb.DuckDBPyConnection, where: Any, code: str, path: str) -> None:
    with pytest.raises(queries.QueryError) as caught:
        queries.no_show_rates(con, where=where)
    assert (caught.value.code, caught.value.path) == (code, path)
