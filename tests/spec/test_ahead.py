"""The days ahead: which bookings are ahead, the facts known of them before, and the rate of their group."""

from __future__ import annotations

import math
from typing import Any

import pytest
from support.cases import Case, instant

import queries
from queries.database import frame_of

AS_OF = "2026-06-01 12:00"


def ahead(case: Case, columns: str = "local_start", as_of: str = AS_OF) -> list[tuple[object, ...]]:
    text = f"select booking_id, {columns} from bookings_ahead_at($as_of) order by starts_at, booking_id"
    rows = frame_of(case.con, text, {"as_of": instant(as_of)}).rows()
    return [(case.names[str(booking)], *rest) for booking, *rest in rows]


def test_ahead_are_confirmed_bookings_of_sessions_that_have_not_begun(case: Case) -> None:
    case.given(
        session="""
            session | starts_at        | status
            today   | 2026-06-01 18:00 | CONFIRMED
            off     | 2026-06-02 18:00 | CANCELLED
            begun   | 2026-06-01 11:00 | CONFIRMED
        """,
        booking="""
            booking | session | starts_at        | status
            b1      | today   |                  | CONFIRMED
            b2      | today   |                  | CANCELED
            b3      | today   |                  | WAITING_LIST
            b4      | off     |                  | CONFIRMED
            b5      | begun   |                  | CONFIRMED
            b6      | slot    | 2026-06-03 09:00 | CONFIRMED
            b7      | lost    |                  | CONFIRMED
        """,
    )
    assert [booking for booking, _ in ahead(case)] == ["b1", "b6"]
    case.con.execute("set variable as_of = timestamp '2026-06-01 12:00'")
    rows = case.con.execute("select session_id, bookings, waiting from upcoming_sessions").fetchall()
    assert rows == [("today", 1, 1), ("slot", 1, 0)]


def test_a_session_of_today_without_a_time_is_still_ahead(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | zone
            b1      | before  | 2026-05-31 00:00 | UTC
            b2      | today   | 2026-06-01 00:00 | UTC
            b3      | east    | 2026-05-31 22:00 | Europe/Berlin
        """
    )
    assert [booking for booking, _ in ahead(case)] == ["b3", "b2"]


def test_the_waiting_list_of_a_session_of_today_without_a_time_still_counts(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | zone | status
            b1      | today   | 2026-06-01 00:00 | UTC  | CONFIRMED
            b2      | today   | 2026-06-01 00:00 | UTC  | WAITING_LIST
            b3      | begun   | 2026-06-01 11:00 | UTC  | WAITING_LIST
        """
    )
    case.con.execute("set variable as_of = timestamp '2026-06-01 12:00'")
    assert case.con.execute("select bookings, waiting from upcoming_sessions").fetchall() == [(1, 1)]


def test_a_booking_that_is_made_later_is_not_yet_ahead(case: Case) -> None:
    """At an earlier moment, of those on the waiting list too; a booking without a time of its making always is."""
    case.given(
        booking="""
            booking | session | starts_at        | created_at       | status
            b1      | s       | 2026-06-02 18:00 | 2026-06-01 12:00 | CONFIRMED
            b2      | s       | 2026-06-02 18:00 | 2026-06-01 12:01 | CONFIRMED
            b3      | s       | 2026-06-02 18:00 |                  | CONFIRMED
            b4      | s       | 2026-06-02 18:00 | 2026-06-01 11:00 | WAITING_LIST
            b5      | s       | 2026-06-02 18:00 | 2026-06-01 13:00 | WAITING_LIST
        """
    )
    assert [booking for booking, _ in ahead(case)] == ["b1", "b3"]
    case.con.execute("set variable as_of = timestamp '2026-06-01 12:00'")
    assert case.con.execute("select bookings, waiting from upcoming_sessions").fetchall() == [(2, 1)]


def test_bookings_made_once_the_session_had_begun_say_nothing_of_those_ahead(case: Case) -> None:
    """Who is booked at the desk came: neither a rate nor a model learns from it. A session without a time has no start."""
    case.given(
        booking="""
            booking | session | starts_at        | zone | created_at
            p1      | s1      | 2026-05-01 18:00 | UTC  | 2026-05-01 09:00
            desk    | s2      | 2026-05-08 18:00 | UTC  | 2026-05-08 18:05
            day     | s3      | 2026-05-09 00:00 | UTC  | 2026-05-09 10:00
            later   | s4      | 2026-05-10 00:00 | UTC  | 2026-05-11 10:00
            b1      | s5      | 2026-06-01 18:00 | UTC  | 2026-06-01 09:00
        """,
        attendance="""
            booking | session | status
            p1      | s1      | NOT_ATTENDED
            desk    | s2      | ATTENDED
            day     | s3      | NOT_ATTENDED
            later   | s4      | ATTENDED
        """,
    )
    text = "select booking_id from known_before_at($as_of) where is_past order by starts_at"
    rows = frame_of(case.con, text, {"as_of": instant(AS_OF)}).rows()
    assert [case.names[str(booking)] for (booking,) in rows] == ["p1", "day"]
    assert ahead(case, "group_rate") == [("b1", 1.0)]


MARKED = """
    booking | session | status
    p1      | s1      | NOT_ATTENDED
    p2      | s2      | ATTENDED
    p3      | s3      | NOT_ATTENDED
"""


def test_a_history_is_what_was_due_before_the_session_began(case: Case) -> None:
    """Due is a session 24 hours after its start: s3 is not yet when `close` begins, and it is for `far`."""
    case.given(
        booking="""
            booking | session | starts_at        | contact
            p1      | s1      | 2026-05-01 18:00 | ann
            p2      | s2      | 2026-05-08 18:00 | ann
            p3      | s3      | 2026-05-31 11:00 | ann
            p4      | s4      | 2026-05-31 10:00 | ann
            p5      | s1      | 2026-05-01 18:00 |
            close   | s5      | 2026-06-01 13:00 | ann
            other   | s5      | 2026-06-01 13:00 | bob
            nobody  | s5      | 2026-06-01 13:00 |
        """,
        attendance=MARKED,
    )
    expected = {"close": (3, 2), "other": (0, 0), "nobody": (0, 0)}
    found = {booking: tuple(rest) for booking, *rest in ahead(case, "earlier_bookings, earlier_no_shows")}
    assert found == expected
    earlier = {
        booking: tuple(rest) for booking, *rest in ahead(case, "earlier_bookings, earlier_no_shows", "2026-05-31 09:00")
    }
    assert earlier == {"p4": (2, 1), "p3": (2, 1)} | {
        booking: (2, 1) if booking == "close" else (0, 0) for booking in expected
    }
    text = "select booking_id, earlier_bookings, earlier_no_shows from known_before_at($as_of) where is_past"
    rows = frame_of(case.con, text, {"as_of": instant(AS_OF)}).rows()
    past = {case.names[str(booking)]: tuple(rest) for booking, *rest in rows}
    assert past == {"p1": (0, 0), "p2": (1, 1), "p3": (2, 1)}


def test_without_any_outcome_there_is_no_chance_to_give(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at
            b1      | s1      | 2026-06-02 13:00
        """
    )
    assert ahead(case, "group_rate, risk, no_show_chance") == [("b1", None, None, None)]
    case.con.execute("set variable as_of = timestamp '2026-06-01 12:00'")
    text = "select bookings, expected_no_shows, no_shows_low, no_shows_high from upcoming_sessions"
    assert case.con.execute(text).fetchall() == [(1, None, None, None)]


def test_the_sum_over_nothing_is_a_row_of_zeros(case: Case) -> None:
    (row,) = queries.upcoming_sessions(case.con, None, as_of=f"{AS_OF}Z").to_dicts()
    assert (row["sessions"], row["bookings"], row["booked"], row["waiting"]) == (0, 0, 0, 0)
    assert (row["expected_no_shows"], row["no_shows_low"]) == (None, None)


@pytest.mark.parametrize("wrong", [{"days": math.nan}, {"days": -1}, {"days": "3"}, {"risk": 0}, {"risk": math.nan}])
def test_arguments_that_make_no_sense(case: Case, wrong: dict[str, Any]) -> None:
    with pytest.raises(queries.UsageError):
        queries.upcoming_sessions(case.con, **wrong)


def test_the_last_moment_has_no_days_ahead(case: Case) -> None:
    assert queries.upcoming_sessions(case.con, days=1e6, as_of="9998-12-31").is_empty()


@pytest.mark.parametrize(
    "as_of", ["0001-01-01", "1899-12-31", "9999-12-31", "0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-10:00"]
)
def test_a_moment_at_the_ends_of_the_calendar_is_refused(as_of: str) -> None:
    with pytest.raises(queries.UsageError, match="from 1900 on"):
        queries.as_of_instant(as_of)
    assert queries.as_of_instant("1900-01-01").year == 1900
