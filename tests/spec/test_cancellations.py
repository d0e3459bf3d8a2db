"""Cancellations stand beside no-shows, never inside them."""

from __future__ import annotations

import pytest
from support.cases import Case

STARTS = "2026-03-02 18:00"


def test_a_cancellation_is_early_late_by_the_business_or_unknown(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status   | canceled_at         | canceled_by
            --------+---------+-----------+----------+---------------------+------------
            b1      | s1      | {STARTS}  | CANCELED | 2026-03-01 17:59:59 |
            b2      | s2      | {STARTS}  | CANCELED | 2026-03-01 18:00    |
            b3      | s3      | {STARTS}  | CANCELED | 2026-03-02 17:00    | CUSTOMER
            b4      | s4      | {STARTS}  | CANCELED | 2026-03-02 17:00    | BUSINESS
            b5      | s5      | {STARTS}  | CANCELED |                     |
            b6      | s6      | {STARTS}  | CANCELED | 2026-03-02 19:00    |
        """
    )
    case.pairs("""
        booking | place     | cancellation | outcome
        --------+-----------+--------------+--------
        b1      | cancelled | early        |
        b2      | cancelled | late         |
        b3      | cancelled | late         |
        b4      | cancelled | business     |
        b5      | cancelled | unknown      |
        b6      | cancelled | late         |
    """)
    case.figures("""
        bookings | cancelled_bookings | early_cancelled | late_cancelled | business_cancelled | unknown_cancelled
        0        | 6                  | 1               | 3              | 1                  | 1
    """)


def test_the_hours_that_make_it_late_are_the_sites(case: Case) -> None:
    case.given(
        site={"late_hours": 12},
        booking=f"""
            booking | session | starts_at | status   | canceled_at
            b1      | s1      | {STARTS}  | CANCELED | 2026-03-02 05:59
            b2      | s2      | {STARTS}  | CANCELED | 2026-03-02 06:00
        """,
    )
    case.pairs("""
        booking | cancellation
        b1      | early
        b2      | late
    """)


# Cancelled at, cancelled by -> the kind, late_cancelled, and the rate of lost seats beside one no-show.
KINDS = [
    ("2026-03-01 17:59:59", "", "early", "0", "1/1"),
    ("2026-03-01 18:00", "", "late", "1", "2/2"),
    ("2026-03-02 17:00", "CUSTOMER", "late", "1", "2/2"),
    ("2026-03-02 17:00", "BUSINESS", "business", "0", "1/1"),
    ("", "", "unknown", "", ""),
]


@pytest.mark.parametrize(("at", "by", "kind", "late", "lost"), KINDS)
def test_beside_a_no_show(case: Case, at: str, by: str, kind: str, late: str, lost: str) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status    | canceled_at | canceled_by
            b1      | s1      | {STARTS}  | CANCELED  | {at}        | {by}
            b2      | s2      | {STARTS}  | CONFIRMED |             |
        """,
        attendance="""
            booking | session | status
            b2      | s2      | NOT_ATTENDED
        """,
    )
    case.figures(f"""
        bookings | no_shows | cancelled_bookings | {kind}_cancelled | lost_seat_rate
        1        | 1        | 1                  | {"1"}            | {lost}
    """)
    case.figures(f"""
        late_cancelled
        {late}
    """) if late else case.figures("""
        bookings | late_cancelled
        1        |
    """)


def test_where_no_time_is_known_late_is_null_and_not_none(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status   | canceled_at      | service
            b1      | s1      | {STARTS}  | CANCELED |                  | Yoga
            b2      | s2      | {STARTS}  | CANCELED |                  | Spin
            b3      | s3      | {STARTS}  | CANCELED | 2026-02-25 10:00 | Spin
        """
    )
    case.figures(
        """
        service | unknown_cancelled | early_cancelled | late_cancelled
        Yoga    | 1                 | 0               |
        Spin    | 1                 | 1               | 0
        """,
        "service",
    )


def test_the_sources_word_counts_if_no_time_is_known(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status   | canceled_at      | canceled_by | cancellation
            --------+---------+-----------+----------+------------------+-------------+-------------
            b1      | s1      | {STARTS}  | CANCELED |                  |             | late
            b2      | s2      | {STARTS}  | CANCELED |                  |             | early
            b3      | s3      | {STARTS}  | CANCELED | 2026-03-01 10:00 |             | late
            b4      | s4      | {STARTS}  | CANCELED |                  |             | business
            b5      | s5      | {STARTS}  | CANCELED |                  | BUSINESS    | late
            b6      | s6      | {STARTS}  | CANCELED |                  |             | unknown
        """
    )
    case.pairs("""
        booking | cancellation
        b1      | late
        b2      | early
        b3      | early
        b4      | business
        b5      | business
        b6      | unknown
    """)
    case.figures("""
        early_cancelled | late_cancelled | business_cancelled | unknown_cancelled
        2               | 1              | 2                  | 1
    """)


def test_notice_bands_of_cancellations_with_a_known_time(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status    | canceled_at
            --------+---------+-----------+-----------+-----------------
            b1      | s1      | {STARTS}  | CANCELED  | 2026-03-02 18:01
            b2      | s2      | {STARTS}  | CANCELED  | 2026-03-02 18:00
            b3      | s3      | {STARTS}  | CANCELED  | 2026-03-02 16:01
            b4      | s4      | {STARTS}  | CANCELED  | 2026-03-02 16:00
            b5      | s5      | {STARTS}  | CANCELED  | 2026-03-02 06:00
            b6      | s6      | {STARTS}  | CANCELED  | 2026-03-02 05:59
            b7      | s7      | {STARTS}  | CANCELED  | 2026-03-01 18:00
            b8      | s8      | {STARTS}  | CANCELED  | 2026-03-01 17:59
            b11     | s11     | {STARTS}  | CANCELED  | 2026-02-28 18:00
            b12     | s12     | {STARTS}  | CANCELED  | 2026-02-28 17:59
            b13     | s13     | {STARTS}  | CANCELED  | 2026-02-23 18:00
            b14     | s14     | {STARTS}  | CANCELED  | 2026-02-23 17:59
            b9      | s9      | {STARTS}  | CANCELED  |
            b0      | s0      | {STARTS}  | CONFIRMED |
        """
    )
    case.figures(
        """
        notice          | cancelled_bookings | late_cancelled | bookings
        ----------------+--------------------+----------------+---------
        after the start | 1                  | 1              | 0
        under 2 hours   | 2                  | 2              | 0
        2-12 hours      | 2                  | 2              | 0
        12-24 hours     | 2                  | 2              | 0
        1-2 days        | 2                  | 0              | 0
        2-7 days        | 2                  | 0              | 0
        over 7 days     | 1                  | 0              | 0
                        | 1                  |                | 1
        """,
        "notice",
    )
