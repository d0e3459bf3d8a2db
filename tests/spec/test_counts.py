"""Counts are sums over the rows that are due, so that they merge."""

from __future__ import annotations

from support.cases import Case

STARTS = "2026-03-02 18:00"


def test_each_session_is_counted_once(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at
            b1      | s1      | {STARTS}
            b2      | s1      | {STARTS}
            b3      | s2      | {STARTS}
            b4      | s3      | {STARTS}
        """,
        attendance="""
            booking | session | status
            b1      | s1      | ATTENDED
            b3      | s2      | NOT_ATTENDED
        """,
    )
    case.figures("""
        bookings | sessions | sessions_unmarked
        4        | 3        | 2
    """)


def test_a_session_of_cancelled_bookings_alone_is_not_counted(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | starts_at | status
            b1      | s1      | {STARTS}  | CANCELED
        """
    )
    case.figures("""
        bookings | cancelled_bookings | sessions | no_show_rate
        0        | 1                  | 0        |
    """)


def test_value_is_what_was_absent_times_its_price(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | booked | starts_at | price | currency
            b1      | s1      | 2      | {STARTS}  | 14.50 | EUR
            b2      | s2      | 1      | {STARTS}  |       |
        """,
        attendance="""
            booking | session | status
            b1      | s1      | NOT_ATTENDED
            b2      | s2      | NOT_ATTENDED
        """,
    )
    case.figures("""
        absent | value_absent
        3      | 29.00
    """)


def test_value_is_summed_in_one_currency_only(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | booked | starts_at | price | currency | location
            b1      | s1      | 2      | {STARTS}  | 14.50 | EUR      | Harbour
            b2      | s2      | 2      | {STARTS}  | 10.00 | USD      | Old Town
        """,
        attendance="""
            booking | session | status
            b1      | s1      | NOT_ATTENDED
            b2      | s2      | NOT_ATTENDED
        """,
    )
    case.figures("""
        absent | value_absent
        4      |
    """)
    case.figures(
        """
        location | absent | value_absent
        Harbour  | 2      | 29.00
        Old Town | 2      | 20.00
        """,
        "location",
    )


def test_without_a_price_there_is_no_value(case: Case) -> None:
    case.given(
        booking=f"""
            booking | session | booked | starts_at
            b1      | s1      | 2      | {STARTS}
        """,
        attendance="""
            booking | session | status
            b1      | s1      | NOT_ATTENDED
        """,
    )
    case.figures("""
        absent | value_absent
        2      |
    """)
