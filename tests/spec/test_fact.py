"""The fact: one row per confirmed booking and session that is due."""

from __future__ import annotations

import pytest
from support.cases import Case


@pytest.mark.parametrize("status", ["CREATED", "PENDING", "DECLINED", "WAITING_LIST"])
def test_only_confirmed_bookings_count(case: Case, status: str) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at        | status
            --------+---------+------------------+----------
            b1      | mon     | 2026-03-02 18:00 | {status}
            b2      | tue     | 2026-03-03 18:00 | CONFIRMED
        """
    )
    case.fact("""
        booking | session | outcome
        --------+---------+---------
        b2      | tue     | unmarked
    """)
    case.steps("""
        step         | rows
        pairs        | 2
        other_status | 1
        confirmed    | 1
        due          | 1
        unmarked     | 1
    """)


def test_a_cancelled_session_is_not_a_no_show(case: Case) -> None:
    case.given(
        session="""
            session | starts_at        | status
            mon     | 2026-03-02 18:00 | CANCELLED
        """,
        booking="""
            booking | session | starts_at
            b1      | mon     | 2026-03-02 18:00
        """,
        attendance="""
            booking | session | status
            b1      | mon     | NOT_ATTENDED
        """,
    )
    case.pairs("""
        booking | session | place             | outcome
        b1      | mon     | session_cancelled |
    """)
    case.fact("booking | session")
    case.steps("""
        step              | rows
        pairs             | 1
        session_cancelled | 1
    """)


def test_a_session_is_due_a_day_after_its_end(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | ends_at
            b1      | mon     | 2026-03-02 18:00 | 2026-03-02 19:00
        """,
        attendance="""
            booking | session | status
            b1      | mon     | ATTENDED
        """,
    )
    case.fact("booking | session", as_of="2026-03-03 18:59:59")
    case.fact(
        """
        booking | session | outcome  | due_at
        b1      | mon     | attended | 2026-03-03 19:00
        """,
        as_of="2026-03-03 19:00",
    )
    case.flags(
        """
        flag              | rows
        marked_before_due | 1
        """,
        as_of="2026-03-02 19:00",
    )
    case.steps(
        """
        step      | rows
        pairs     | 1
        confirmed | 1
        not_due   | 1
        """,
        as_of="2026-03-03 18:59",
    )


def test_a_session_without_an_end_is_due_a_day_after_its_start(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at
            b1      | mon     | 2026-03-02 18:00
        """
    )
    case.fact("booking | session", as_of="2026-03-03 17:59")
    case.fact(
        """
        booking | session
        b1      | mon
        """,
        as_of="2026-03-03 18:00",
    )


def test_the_hours_of_grace_are_the_sites(case: Case) -> None:
    case.given(
        site={"grace_hours": 2},
        booking="""
            booking | session | starts_at
            b1      | mon     | 2026-03-02 18:00
        """,
    )
    case.fact("booking | session", as_of="2026-03-02 19:59")
    case.fact(
        """
        booking | due_at
        b1      | 2026-03-02 20:00
        """,
        as_of="2026-03-02 20:00",
    )


def test_a_rescheduled_booking_counts_in_its_new_session_only(case: Case) -> None:
    case.given(
        session="""
            session | starts_at
            mon     | 2026-03-02 18:00
            next    | 2026-03-09 18:00
        """,
        booking="""
            booking | session | starts_at
            b1      | next    | 2026-03-09 18:00
        """,
        attendance="""
            booking | session | status
            b1      | mon     | NOT_ATTENDED
        """,
    )
    case.fact("""
        booking | session | outcome
        b1      | next    | unmarked
    """)
    case.flags("""
        flag       | rows
        moved_away | 1
    """)


def test_a_mark_of_nobody_known_is_kept_and_flagged(case: Case) -> None:
    case.given(
        attendance="""
            booking | session | status
            b1      | mon     | ATTENDED
        """
    )
    case.fact("booking | session")
    case.flags("""
        flag            | rows
        unknown_booking | 1
    """)


def test_a_cancelled_booking_with_a_mark_is_a_conflict(case: Case) -> None:
    case.given(
        booking="""
            booking | session | starts_at        | status
            b1      | mon     | 2026-03-02 18:00 | CANCELED
        """,
        attendance="""
            booking | session | status
            b1      | mon     | NOT_ATTENDED
        """,
    )
    case.fact("booking | session")
    case.flags("""
        flag                 | rows
        cancelled_but_marked | 1
    """)
    case.steps("""
        step      | rows
        pairs     | 1
        cancelled | 1
    """)
