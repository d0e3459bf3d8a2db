"""The fact: which pairs of booking and session count, and where the others are left out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import pytest
from support.fixtures import Load
from support.records import Make

import queries

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def steps(con: duckdb.DuckDBPyConnection, as_of: Any = AS_OF) -> dict[str, int]:
    table = queries.waterfall(con, as_of=as_of)
    counts = dict(table.select("step", "rows").iter_rows())
    assert counts["pairs"] == sum(
        counts[step] for step in ("other_status", "cancelled", "session_cancelled", "no_session", "confirmed")
    )
    assert counts["confirmed"] == counts["not_due"] + counts["due"]
    assert counts["due"] == counts["unmarked"] + counts["marked"]
    assert counts["marked"] == counts["attended"] + counts["not_attended"]
    return {step: rows for step, rows in counts.items() if rows}


def session(make: type[Make], number: int, start: str = "2026-03-02T18:00:00Z", **changes: Any) -> dict[str, Any]:
    return {
        "id": make.event(number),
        "scheduleId": "schedule-1",
        "serviceId": make.guid(1, 3),
        "start": {"timestamp": start, "timeZone": "Europe/Dublin"},
        "end": {"timestamp": start.replace("18:00", "19:00"), "timeZone": "Europe/Dublin"},
        "status": "CONFIRMED",
    } | changes


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


def test_cancellations_come_through_the_wire(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    """The meaning of each kind is tested in tests/spec/test_cancellations.py."""
    load(*(make.booking(n, status="CANCELED", **cancel) for n, (cancel, _) in enumerate(CANCELLATIONS)))
    kinds = con.execute("select cancellation from booking_session order by booking_id").fetchall()
    assert kinds == [(kind,) for _, kind in CANCELLATIONS]


def test_value_is_summed_in_one_currency_only(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    def priced(number: int, amount: str, currency: str) -> dict[str, Any]:
        booking: dict[str, Any] = make.booking(number, 2)
        booking["bookedEntity"]["rate"] = {"labeledPriceOptions": {"general": {"amount": amount, "currency": currency}}}
        return booking

    load(priced(1, "14.50", "EUR"), make.attendance(1, "NOT_ATTENDED"))
    assert float(queries.no_show_rates(con, by=(), as_of=AS_OF)["value_absent"].item()) == 29.0
    load(priced(2, "10", "USD"), make.attendance(2, "NOT_ATTENDED"))
    assert queries.no_show_rates(con, by=(), as_of=AS_OF)["value_absent"].item() is None


@pytest.mark.long
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
