"""Groupings: each row that counts is in one group of each, and local means the session's own zone."""

from __future__ import annotations

import pytest
from support.cases import Case
from support.samples import few

import queries

BOOKINGS = """
    booking | session | starts_at        | zone             | service | service_type | location | staff | booked | contact | payment
    --------+---------+------------------+------------------+---------+--------------+----------+-------+--------+---------+---------
    b1      | s1      | 2026-03-02 18:00 | Europe/Dublin    | Yoga    | CLASS        | Harbour  | Ana   | 1      | c1      | PAID
    b2      | s1      | 2026-03-02 18:00 | Europe/Dublin    | Yoga    | CLASS        | Harbour  | Ana   | 2      | c2      |
    b3      | s2      | 2026-03-09 18:00 | Europe/Dublin    | Yoga    | CLASS        | Harbour  | Ana   | 1      | c1      | PAID
    b4      | s3      | 2026-04-01 02:30 | America/New_York | Spin    | COURSE       | Old Town | Tom   | 4      | c3      | NOT_PAID
"""
MARKS = """
    booking | session | status
    --------+---------+-------------
    b1      | s1      | ATTENDED
    b2      | s1      | NOT_ATTENDED
    b4      | s3      | NOT_ATTENDED
"""


@pytest.fixture
def two_places(case: Case) -> Case:
    case.given(booking=BOOKINGS, attendance=MARKS)
    return case


GROUPED = {
    "service": """
        service | bookings | no_shows | no_show_rate
        Yoga    | 3        | 1        | 1/2
        Spin    | 1        | 1        | 1/1
    """,
    "session": """
        session                             | bookings | no_shows
        Yoga, Mon 2026-03-02 18:00, Harbour  | 2        | 1
        Yoga, Mon 2026-03-09 18:00, Harbour  | 1        | 0
        Spin, Tue 2026-03-31 22:30, Old Town | 1        | 1
    """,
    "series": """
        series                        | bookings | no_shows
        Yoga, Mon 18:00, Harbour, Ana  | 3        | 1
        Spin, Tue 22:30, Old Town, Tom | 1        | 1
    """,
    "location": """
        location | bookings | unmarked_bookings
        Harbour  | 3        | 1
        Old Town | 1        | 0
    """,
    "staff": """
        staff | bookings | unmarked_bookings
        Ana   | 3        | 1
        Tom   | 1        | 0
    """,
    "service_type": """
        service_type | bookings
        CLASS        | 3
        COURSE       | 1
    """,
    "local_weekday": """
        local_weekday | bookings
        1             | 3
        2             | 1
    """,
    "local_hour": """
        local_hour | bookings
        18         | 3
        22         | 1
    """,
    "day": """
        day        | bookings
        2026-03-02 | 2
        2026-03-09 | 1
        2026-03-31 | 1
    """,
    "week": """
        week       | bookings
        2026-03-02 | 2
        2026-03-09 | 1
        2026-03-30 | 1
    """,
    "month": """
        month      | bookings
        2026-03-01 | 4
    """,
    "quarter": """
        quarter    | bookings
        2026-01-01 | 4
    """,
    "participant": """
        participant | bookings | no_shows
        c1          | 2        | 0
        c2          | 1        | 1
        c3          | 1        | 1
    """,
    "party_size": """
        party_size | bookings | booked
        1          | 2        | 2
        2          | 1        | 2
        4          | 1        | 4
    """,
    "payment_status": """
        payment_status | bookings
        PAID           | 2
                       | 1
        NOT_PAID       | 1
    """,
}


def test_every_grouping_is_here() -> None:
    assert {*GROUPED, "lead_time", "visit_number", "notice"} == set(queries.GROUPINGS)


@pytest.mark.parametrize("name", few(GROUPED, 8))
def test_by(two_places: Case, name: str) -> None:
    two_places.figures(GROUPED[name], name)


def test_sessions_of_a_date_without_a_time_are_given_none(case: Case) -> None:
    """A source that gives dates only has its sessions at midnight."""
    case.given(
        booking="""
        booking | session | starts_at        | zone | service | location
        b1      | s1      | 2026-03-02 00:00 | UTC  | Yoga    | Harbour
        b2      | s2      | 2026-03-03 00:30 | UTC  | Yoga    | Harbour
        """
    )
    case.figures(
        """
        session                            | bookings
        Yoga, Mon 2026-03-02, Harbour       | 1
        Yoga, Tue 2026-03-03 00:30, Harbour | 1
        """,
        "session",
    )
    case.figures(
        """
        series                    | bookings
        Yoga, Mon, Harbour        | 1
        Yoga, Tue 00:30, Harbour  | 1
        """,
        "series",
    )
    of_view = case.con.execute("select distinct series from booking_session order by all").fetchall()
    assert of_view == [("Yoga, Mon, Harbour",), ("Yoga, Tue 00:30, Harbour",)]


def test_by_two_at_once(two_places: Case) -> None:
    two_places.figures(
        """
        service | month      | bookings | no_shows
        Yoga    | 2026-03-01 | 3        | 1
        Spin    | 2026-03-01 | 1        | 1
        """,
        "service",
        "month",
    )


def test_lead_time_bands_come_in_their_order(case: Case) -> None:
    """Made so many days before the start; a booking made after it is in no band."""
    days = (0, 1, 2, 7, 8, 14, 15, 21, 22, 28, 29, 60, -2)
    dates = {0: "2026-03-02", 1: "2026-03-01", 2: "2026-02-28", 7: "2026-02-23", 8: "2026-02-22", 14: "2026-02-16",
             15: "2026-02-15", 21: "2026-02-09", 22: "2026-02-08", 28: "2026-02-02", 29: "2026-02-01",
             60: "2026-01-01", -2: "2026-03-04"}  # fmt: skip
    rows = "\n".join(f"b{at} | s | 2026-03-02 18:00 | {dates[day]} 10:00" for at, day in enumerate(days))
    case.given(booking=f"booking | session | starts_at | created_at\n{rows}")
    case.figures(
        """
        lead_time    | bookings
        -------------+---------
        same day     | 1
        1 day        | 1
        2-7 days     | 2
        8-14 days    | 2
        15-21 days   | 2
        22-28 days   | 2
        over 28 days | 2
                     | 1
        """,
        "lead_time",
    )
    bands = queries.no_show_rates(case.con, by=["lead_time"], as_of="2026-06-01")["lead_time"].to_list()
    assert bands == [*queries.model.groupings.LEAD_TIME_BANDS, None]
    case.flags("""
        flag               | rows
        negative_lead_time | 1
    """)


def test_small_groups_stand_last_and_say_so(case: Case) -> None:
    rows = "\n".join(f"b{at} | s | 2026-03-02 18:00 | Yoga" for at in range(12))
    marks = "\n".join(f"b{at} | s | ATTENDED" for at in range(12))
    case.given(
        booking=f"booking | session | starts_at | service\n{rows}\nfew | t | 2026-03-02 18:00 | Spin",
        attendance=f"booking | session | status\n{marks}\nfew | t | NOT_ATTENDED",
    )
    frame = queries.no_show_rates(case.con, as_of="2026-06-01", min_bookings=10)
    assert frame.select("service", "too_few", "no_show_rate").rows() == [("Yoga", False, 0.0), ("Spin", True, 1.0)]


@pytest.mark.parametrize("name", few(queries.GROUPINGS, 4))
def test_groups_add_up_to_the_whole(two_places: Case, name: str) -> None:
    other = "week" if name != "week" else "service"
    whole = queries.no_show_rates(two_places.con, by=(), as_of="2026-06-01")
    for by in ([name], [name, other]):
        frame = queries.no_show_rates(two_places.con, by=by, as_of="2026-06-01")
        assert frame["bookings"].sum() == whole["bookings"].item() == 4
        assert frame["no_shows"].sum() == whole["no_shows"].item() == 2
        assert set(queries.GROUPINGS[name].columns) <= set(frame.columns)
