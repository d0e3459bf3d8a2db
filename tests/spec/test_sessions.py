"""Sessions: calendar events, those made from slots, and the sessions of a course."""

from __future__ import annotations

from support.cases import Case


def test_without_an_event_the_slot_is_the_session(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | location
            b1      | mon     | 2026-03-02 18:00 | Harbour
        """
    )
    case.fact("""
        booking | session | starts_at        | capacity | location
        b1      | mon     | 2026-03-02 18:00 |          | Harbour
    """)


def test_an_event_takes_the_slots_place(case: Case) -> None:
    case.given(
        session="""
            session | starts_at        | capacity | location
            mon     | 2026-03-03 18:00 | 9        | Old Town
        """,
        booking="""
            booking | session | starts_at        | location
            b1      | mon     | 2026-03-02 18:00 | Harbour
        """,
    )
    case.fact("""
        booking | session | starts_at        | capacity | location
        b1      | mon     | 2026-03-03 18:00 | 9        | Old Town
    """)


def test_where_slots_differ_the_booking_updated_last_describes_the_session(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | updated_at
            b1      | mon     | 2026-03-02 18:00 | 2026-02-21 10:00
            b2      | mon     | 2026-03-02 19:00 | 2026-02-22 10:00
            b3      | mon     | 2026-03-02 20:00 |
        """
    )
    case.fact("""
        booking | starts_at
        b1      | 2026-03-02 19:00
        b2      | 2026-03-02 19:00
        b3      | 2026-03-02 19:00
    """)


COURSE = """
    session | course  | starts_at        | status
    --------+---------+------------------+----------
    first   | pottery | 2026-03-02 18:00 | CONFIRMED
    second  | pottery | 2026-03-09 18:00 | CONFIRMED
    third   | pottery | 2026-03-16 18:00 | CANCELLED
    fourth  | pottery | 2026-03-23 18:00 | CONFIRMED
"""


def test_a_course_has_a_pair_for_each_session_after_the_booking(case: Case) -> None:
    case.given(
        session=COURSE,
        booking="""
            booking | course  | created_at
            b1      | pottery | 2026-03-05 00:00
        """,
        attendance="""
            booking | session | status
            b1      | second  | ATTENDED
        """,
    )
    case.fact("""
        booking | session | is_course | session_number | outcome
        b1      | second  | yes       | 2              | attended
        b1      | fourth  | yes       | 3              | unmarked
    """)
    case.steps("""
        step              | rows
        pairs             | 3
        session_cancelled | 1
        confirmed         | 2
        due               | 2
        unmarked          | 1
        marked            | 1
        attended          | 1
    """)


def test_a_course_whose_sessions_are_not_loaded_is_counted_apart(case: Case) -> None:
    case.given(
        booking="""
            booking | course
            b1      | pottery
        """,
        attendance="""
            booking | session | status
            b1      | second  | ATTENDED
        """,
    )
    case.fact("booking | session")
    case.pairs("""
        booking | session | place
        b1      |         | no_session
    """)
    case.flags("""
        flag            | rows
        unknown_session | 1
    """)


def test_local_time_is_the_sessions_own_else_the_slots_else_the_sites(case: Case) -> None:
    case.given(
        site={"time_zone": "America/New_York"},
        session="""
            session | starts_at        | time_zone
            own     | 2026-03-01 23:30 | Asia/Tokyo
            none    | 2026-03-01 23:30 |
        """,
        booking="""
            booking | session | starts_at        | time_zone
            b1      | own     | 2026-03-01 23:30 | Europe/Dublin
            b2      | none    | 2026-03-01 23:30 | Europe/Dublin
            b3      | slot    | 2026-03-01 23:30 |
        """,
    )
    case.fact("""
        booking | time_zone        | local_start      | local_date | local_weekday | local_hour
        b1      | Asia/Tokyo       | 2026-03-02 08:30 | 2026-03-02 | 1             | 8
        b2      | Europe/Dublin    | 2026-03-01 23:30 | 2026-03-01 | 7             | 23
        b3      | America/New_York | 2026-03-01 18:30 | 2026-03-01 | 7             | 18
    """)


def test_lead_time_is_whole_days_in_the_sessions_zone(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | created_at       | time_zone
            b1      | a       | 2026-03-02 18:00 | 2026-03-02 17:00 | UTC
            b2      | b       | 2026-03-02 00:30 | 2026-03-01 23:30 | UTC
            b3      | c       | 2026-03-02 00:30 | 2026-03-01 23:30 | America/New_York
            b4      | d       | 2026-03-02 18:00 | 2026-03-03 09:00 | UTC
            b5      | e       | 2026-03-02 18:00 |                  | UTC
        """
    )
    case.fact("""
        booking | lead_days
        b1      | 0
        b2      | 1
        b3      | 0
        b4      | -1
        b5      |
    """)
    case.flags("""
        flag               | rows
        negative_lead_time | 1
    """)


# A member misses four sessions and leaves between the fourth and the fifth.
LEFT = """
    booking | course  | created_at       | status   | canceled_at
    b1      | pottery | 2026-02-01 00:00 | CANCELED | 2026-03-24 00:00
    b2      | pottery | 2026-02-01 00:00 | CANCELED |
"""


def test_leaving_a_course_changes_later_sessions_only(case: Case) -> None:
    case.given(
        session=COURSE + "    fifth   | pottery | 2026-03-30 18:00 | CONFIRMED",
        booking=LEFT,
        attendance="""
            booking | session | status
            b1      | first   | NOT_ATTENDED
            b1      | second  | NOT_ATTENDED
            b1      | fourth  | ATTENDED
            b1      | fifth   | NOT_ATTENDED
        """,
    )
    case.pairs("""
        booking | session | place             | outcome      | cancellation
        --------+---------+-------------------+--------------+-------------
        b1      | first   | confirmed         | not_attended |
        b1      | second  | confirmed         | not_attended |
        b1      | third   | session_cancelled |              |
        b1      | fourth  | confirmed         | attended     |
        b1      | fifth   | cancelled         |              | early
        b2      | first   | cancelled         |              | unknown
        b2      | second  | cancelled         |              | unknown
        b2      | third   | cancelled         |              | business
        b2      | fourth  | cancelled         |              | unknown
        b2      | fifth   | cancelled         |              | unknown
    """)
    case.figures(
        """
        bookings | no_shows | no_show_rate | cancelled_bookings
        3        | 2        | 2/3          | 4
        """,
        as_of="2026-03-25 00:00",
    )


def test_a_contact_who_books_a_session_twice_is_one_contact(case: Case) -> None:
    """Of the top three in mon, c1 has two no-shows, and c3 and c4 fewer bookings than c2 for one."""
    case.given(
        booking="""
            booking | session | starts_at        | contact | weight | status
            b1      | mon     | 2026-03-02 18:00 | c1      |        | CONFIRMED
            b2      | mon     | 2026-03-02 18:00 | c1      |        | CONFIRMED
            b3      | mon     | 2026-03-02 18:00 | c1      |        | CONFIRMED
            b4      | mon     | 2026-03-02 18:00 | c2      |        | CONFIRMED
            b5      | mon     | 2026-03-02 18:00 | c2      |        | CONFIRMED
            b6      | mon     | 2026-03-02 18:00 | c3      |        | CONFIRMED
            b7      | mon     | 2026-03-02 18:00 | c4      |        | CONFIRMED
            b8      | mon     | 2026-03-02 18:00 | c5      |        | CONFIRMED
            b9      | mon     | 2026-03-02 18:00 | c5      |        | CANCELED
            b10     | mon     | 2026-03-02 18:00 | c6      | 3      | CONFIRMED
            b11     | mon     | 2026-03-02 18:00 | c6      |        | CONFIRMED
            b12     | mon     | 2026-03-02 18:00 |         |        | CONFIRMED
            b13     | mon     | 2026-03-02 18:00 |         |        | CONFIRMED
            b14     | tue     | 2026-03-03 18:00 | c1      |        | CONFIRMED
            b15     | tue     | 2026-03-03 18:00 | c2      |        | CONFIRMED
            b16     | tue     | 2026-03-03 18:00 | c2      |        | CONFIRMED
        """,
        attendance="""
            booking | session | status
            b1      | mon     | NOT_ATTENDED
            b2      | mon     | NOT_ATTENDED
            b3      | mon     | ATTENDED
            b4      | mon     | ATTENDED
            b5      | mon     | NOT_ATTENDED
            b6      | mon     | NOT_ATTENDED
            b7      | mon     | NOT_ATTENDED
            b8      | mon     | ATTENDED
            b10     | mon     | NOT_ATTENDED
            b11     | mon     | ATTENDED
            b12     | mon     | NOT_ATTENDED
            b13     | mon     | ATTENDED
            b14     | tue     | NOT_ATTENDED
            b15     | tue     | NOT_ATTENDED
        """,
    )
    case.fact("""
        booking | is_booked_twice
        b1      | yes
        b2      | yes
        b3      | yes
        b4      | yes
        b5      | yes
        b6      | no
        b7      | no
        b8      | no
        b10     | yes
        b11     | yes
        b12     | no
        b13     | no
        b14     | no
        b15     | yes
        b16     | yes
    """)
    case.figures(
        """
        session              | contact_squares | top_missed | top_rated | top_squares
        Mon 2026-03-02 18:00 | 22              | 4          | 5         | 11
        Tue 2026-03-03 18:00 | 2               | 2          | 2         | 2
        """,
        "session",
    )
