"""An absent mark is read according to the marks that the source records."""

from __future__ import annotations

import pytest
from support.cases import Case

STARTS = "2026-03-02 18:00"


def four(case: Case, marks: str) -> None:
    """Four bookings of one source: marked attended, marked not attended, marked as not set, and without a mark."""
    case.given(
        booking=f"""
            booking | session | booked | starts_at | marks
            --------+---------+--------+-----------+---------
            b1      | s1      | 2      | {STARTS}  | {marks}
            b2      | s1      | 1      | {STARTS}  | {marks}
            b3      | s1      | 1      | {STARTS}  | {marks}
            b4      | s1      | 3      | {STARTS}  | {marks}
        """,
        attendance="""
            booking | session | status       | number
            b1      | s1      | ATTENDED     | 2
            b2      | s1      | NOT_ATTENDED | 1
            b3      | s1      | NOT_SET      | 1
        """,
    )


# Marks -> the outcome of ATTENDED and of no mark.
READ = [
    ("both", "attended", "unmarked"),
    ("", "attended", "unmarked"),
    ("no_shows", "attended", "presumed_attended"),
    ("arrivals", "attended", "presumed_missed"),
    ("default", "presumed_attended", "presumed_attended"),
]


@pytest.mark.parametrize(("marks", "attended", "without"), READ)
def test_how_a_mark_and_the_lack_of_one_are_read(case: Case, marks: str, attended: str, without: str) -> None:
    four(case, marks)
    case.fact(f"""
        booking | outcome
        --------+-------------
        b1      | {attended}
        b2      | not_attended
        b3      | {without}
        b4      | {without}
    """)


def test_both_sides(case: Case) -> None:
    four(case, "both")
    case.figures("""
        rated_bookings | missed_bookings | no_show_rate | coverage | bound_low | bound_high | participant_no_show_rate
        2              | 1               | 1/2          | 2/4      | 1/4       | 3/4        | 1/3
    """)
    case.steps("""
        step         | rows
        pairs        | 4
        confirmed    | 4
        due          | 4
        unmarked     | 2
        marked       | 2
        attended     | 1
        not_attended | 1
    """)


def test_only_who_stayed_away_is_recorded(case: Case) -> None:
    """Coverage and bounds are about registers, and there is none to fill in."""
    four(case, "no_shows")
    case.figures("""
        marked_bookings | presumed_attended | rated_bookings | missed_bookings | no_show_rate | participant_no_show_rate
        2               | 2                 | 4              | 1               | 1/4          | 1/7
    """)
    case.figures("""
        coverage | bound_low | bound_high | unmarked_bookings | sessions_unmarked
                 |           |            | 0                 | 0
    """)
    case.steps("""
        step              | rows
        pairs             | 4
        confirmed         | 4
        due               | 4
        presumed_attended | 2
        marked            | 2
        attended          | 1
        not_attended      | 1
    """)


def test_only_who_came_is_recorded(case: Case) -> None:
    four(case, "arrivals")
    case.figures("""
        presumed_missed | rated_bookings | missed_bookings | no_show_rate | absent | participant_no_show_rate
        2               | 4              | 3               | 3/4          | 5      | 5/7
    """)


def test_everyone_is_attended_until_somebody_says_otherwise(case: Case) -> None:
    four(case, "default")
    case.figures("""
        attended_bookings | presumed_attended | rated_bookings | missed_bookings | no_show_rate | coverage
        0                 | 3                 | 4              | 1               | 1/4          |
    """)


def test_coverage_and_bounds_are_of_sources_with_both_sides_alone(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | marks
            --------+---------+-----------+---------
            b1      | s1      | {STARTS}  | both
            b2      | s2      | {STARTS}  | both
            b3      | s3      | {STARTS}  | both
            b4      | s4      | {STARTS}  | no_shows
            b5      | s5      | {STARTS}  | no_shows
        """,
        attendance="""
            booking | session | status
            b1      | s1      | ATTENDED
            b2      | s2      | NOT_ATTENDED
            b4      | s4      | NOT_ATTENDED
        """,
    )
    case.figures("""
        no_shows | rated_bookings | no_show_rate | coverage | bound_low | bound_high
        2        | 4              | 2/4          | 2/3      | 1/3       | 2/3
    """)


def test_an_excused_booking_completes_the_register_and_enters_no_rate(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at
            b1      | s1      | {STARTS}
            b2      | s1      | {STARTS}
            b3      | s1      | {STARTS}
            b4      | s2      | {STARTS}
        """,
        attendance="""
            booking | session | status       | excused
            b1      | s1      | ATTENDED     |
            b2      | s1      | NOT_ATTENDED |
            b3      | s1      | NOT_SET      | yes
        """,
    )
    case.fact("""
        booking | outcome      | is_marked | came | absent
        b1      | attended     | yes       | 1    | 0
        b2      | not_attended | yes       | 0    | 1
        b3      | excused      | no        |      |
        b4      | unmarked     | no        |      |
    """)
    case.figures("""
        bookings | excused | rated_bookings | no_show_rate | coverage | bound_low | bound_high | sessions_unmarked
        4        | 1       | 2              | 1/2          | 3/4      | 1/3       | 2/3        | 1
    """)
    missing = case.con.execute("select session_id from missing_registers").fetchall()
    assert missing == [("s2",)]


def test_a_row_that_stands_for_many_counts_as_many(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | booked | starts_at | weight | price | status    | canceled_at
            --------+---------+--------+-----------+--------+-------+-----------+-----------------
            b1      | s1      | 1      | {STARTS}  | 10     | 5.00  | CONFIRMED |
            b2      | s1      | 2      | {STARTS}  | 2      | 5.00  | CONFIRMED |
            b3      | s1      | 1      | {STARTS}  |        |       | CONFIRMED |
            b4      | s1      | 1      | {STARTS}  | 4      |       | CANCELED  | 2026-03-02 17:00
        """,
        attendance="""
            booking | session | status       | number
            b1      | s1      | ATTENDED     | 1
            b2      | s1      | NOT_ATTENDED | 1
        """,
    )
    case.figures("""
        bookings | rated_bookings | no_shows | unmarked_bookings | booked | absent | booked_squared | sessions
        13       | 12             | 2        | 1                 | 15     | 4      | 18             | 1
    """)
    case.figures("""
        no_show_rate | coverage | late_cancelled | value_absent
        2/12         | 12/13    | 4              | 20.00
    """)
    case.steps("""
        step         | rows
        pairs        | 17
        cancelled    | 4
        confirmed    | 13
        due          | 13
        unmarked     | 1
        marked       | 12
        attended     | 10
        not_attended | 2
    """)


ATTRIBUTES = """
    booking | session | starts_at        | attributes
    --------+---------+------------------+----------------------------------
    b1      | s1      | 2026-03-02 18:00 | {"age":34,"reminder":true}
    b2      | s1      | 2026-03-02 18:00 | {"age":34.5,"reminder":false}
    b3      | s1      | 2026-03-02 18:00 | {"reminder":true}
    b4      | s1      | 2026-03-02 18:00 |
"""


def test_bookings_are_grouped_by_an_attribute(case: Case) -> None:
    case.given(
        booking=ATTRIBUTES,
        attendance="""
            booking | session | status
            b1      | s1      | NOT_ATTENDED
            b2      | s1      | ATTENDED
            b3      | s1      | ATTENDED
        """,
    )
    case.figures(
        """
        attributes.reminder | bookings | no_shows | no_show_rate
        true                | 2        | 1        | 1/2
        false               | 1        | 0        | 0/1
                            | 1        | 0        |
        """,
        "attributes.reminder",
    )
    case.figures(
        """
        attributes.age | bookings
        34             | 1
        34.5           | 1
                       | 2
        """,
        "attributes.age",
    )
    case.con.execute("set variable as_of = timestamp '2026-06-01'")
    rows = case.con.execute("select value, bookings from no_show_by_attribute('reminder') order by all").fetchall()
    assert rows == [("false", 1), ("true", 2), (None, 1)]


def test_visits_of_a_contact_are_numbered_by_their_starts(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | contact | status
            --------+---------+------------------+---------+----------
            b1      | s1      | 2026-03-01 18:00 | c1      | CONFIRMED
            b2      | s2      | 2026-03-02 18:00 | c1      | CANCELED
            b3      | s3      | 2026-03-03 18:00 | c1      | CONFIRMED
            b4      | s4      | 2026-03-04 18:00 | c1      | CONFIRMED
            b5      | s5      | 2026-03-05 18:00 | c1      | CONFIRMED
            b6      | s6      | 2026-03-06 18:00 | c1      | CONFIRMED
            b7      | s7      | 2026-03-07 18:00 | c1      | CONFIRMED
            b8      | s8      | 2026-03-08 18:00 | c1      | CONFIRMED
            x       | s1      | 2026-03-01 18:00 |         | CONFIRMED
        """
    )
    case.fact("""
        booking | visit
        b1      | 1
        b3      | 2
        b4      | 3
        b5      | 4
        b6      | 5
        b7      | 6
        b8      | 7
        x       |
    """)
    case.figures(
        """
        visit_number | bookings | cancelled_bookings
        first        | 1        | 0
        2-5          | 4        | 0
        6 and more   | 2        | 0
                     | 1        | 1
        """,
        "visit_number",
    )
