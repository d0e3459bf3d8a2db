"""The outcome of a booked session, and its participants: who came, who did not, who came unbooked."""

from __future__ import annotations

from support.cases import Case

SEVEN = """
    booking | session | booked | starts_at
    --------+---------+--------+-----------------
    b1      | s1      | 1      | 2026-03-02 18:00
    b2      | s2      | 4      | 2026-03-02 18:00
    b3      | s3      | 2      | 2026-03-02 18:00
    b4      | s4      | 1      | 2026-03-02 18:00
    b5      | s5      | 2      | 2026-03-02 18:00
    b6      | s6      | 3      | 2026-03-02 18:00
    b7      | s7      | 1      | 2026-03-02 18:00
"""
MARKS = """
    booking | session | status       | number
    --------+---------+--------------+-------
    b1      | s1      | ATTENDED     | 1
    b2      | s2      | ATTENDED     | 3
    b3      | s3      | NOT_ATTENDED | 1
    b5      | s5      | ATTENDED     | 3
    b6      | s6      | ATTENDED     | 1
    b7      | s7      | NOT_ATTENDED | 5
"""


def test_status_wins_over_the_number(case: Case) -> None:
    case.given(
        booking="""
            booking | session | booked | starts_at
            b1      | s1      | 1      | 2026-03-02 18:00
            b2      | s2      | 1      | 2026-03-02 18:00
            b3      | s3      | 1      | 2026-03-02 18:00
            b4      | s4      | 1      | 2026-03-02 18:00
            b5      | s5      | 2      | 2026-03-02 18:00
        """,
        attendance="""
            booking | session | status       | number
            b1      | s1      | ATTENDED     | 0
            b2      | s2      | NOT_ATTENDED | 1
            b3      | s3      | NOT_SET      | 1
            b5      | s5      | NOT_ATTENDED | 2
        """,
    )
    case.fact("""
        booking | outcome      | is_marked | came | absent | is_contradiction
        --------+--------------+-----------+------+--------+-----------------
        b1      | attended     | yes       | 1    | 0      | yes
        b2      | not_attended | yes       | 0    | 1      | no
        b3      | unmarked     | no        |      |        | no
        b4      | unmarked     | no        |      |        | no
        b5      | not_attended | yes       | 0    | 2      | yes
    """)
    case.flags("""
        flag                      | rows
        status_contradicts_number | 2
    """)


def test_the_seven_bookings_one_by_one(case: Case) -> None:
    case.given(booking=SEVEN, attendance=MARKS)
    case.fact("""
        booking | booked | outcome      | came | absent | walk_ins | is_partial | is_doubtful_default | is_contradiction
        --------+--------+--------------+------+--------+----------+------------+---------------------+-----------------
        b1      | 1      | attended     | 1    | 0      | 0        | no         | no                  | no
        b2      | 4      | attended     | 3    | 1      | 0        | yes        | no                  | no
        b3      | 2      | not_attended | 0    | 2      | 0        | no         | no                  | no
        b4      | 1      | unmarked     |      |        |          | no         | no                  | no
        b5      | 2      | attended     | 3    | 0      | 1        | no         | no                  | no
        b6      | 3      | attended     | 1    | 2      | 0        | yes        | yes                 | no
        b7      | 1      | not_attended | 0    | 1      | 0        | no         | no                  | yes
    """)
    case.flags("""
        flag                      | rows
        status_contradicts_number | 1
        walk_in                   | 1
        doubtful_default          | 1
    """)


def test_the_seven_bookings_counted(case: Case) -> None:
    case.given(booking=SEVEN, attendance=MARKS)
    case.figures("""
        bookings | marked_bookings | attended_bookings | no_shows | unmarked_bookings
        7        | 6               | 4                 | 2        | 1
    """)
    case.figures("""
        booked | booked_marked | absent | walk_ins | partial_no_shows | doubtful_defaults | sessions | sessions_unmarked
        14     | 13            | 6      | 1        | 2                | 1                 | 7        | 1
    """)
    case.figures("""
        no_show_rate | coverage | bound_low | bound_high | participant_no_show_rate | lost_seat_rate
        2/6          | 6/7      | 2/7       | 3/7        | 6/13                     | 2/6
    """)


def test_a_booking_covers_one_participant_at_least(case: Case) -> None:
    case.given(
        booking="""
            booking | session | booked | starts_at
            b1      | s1      |        | 2026-03-02 18:00
            b2      | s2      | 0      | 2026-03-02 18:00
            b3      | s3      | 3      | 2026-03-02 18:00
        """
    )
    case.fact("""
        booking | booked
        b1      | 1
        b2      | 1
        b3      | 3
    """)
