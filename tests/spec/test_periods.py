"""Sums that compare periods: how often contacts book on both sides, and how full the sessions of a week are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from support.cases import Case

from queries.gathered import gathered
from queries.model.stretches import SIDES, Stretches

AS_OF = "2026-06-01T00:00:00Z"
# Three weeks: the first two are the first half. b6 stands for four bookings of nobody known, b8 is not rated.
BOOKINGS = """
    booking | session | starts_at        | service | staff | contact | weight
    --------+---------+------------------+---------+-------+---------+-------
    b1      | s1      | 2026-03-02 18:00 | Yoga    | Ana   | c1      | 1
    b2      | s1      | 2026-03-02 18:00 | Yoga    | Ana   | c2      | 1
    b3      | s2      | 2026-03-09 18:00 | Yoga    | Ana   | c1      | 1
    b4      | s3      | 2026-03-16 18:00 | Yoga    | Ana   | c1      | 1
    b5      | s3      | 2026-03-16 18:00 | Yoga    | Ana   | c3      | 1
    b6      | s4      | 2026-03-17 18:00 | Spin    | Tom   |         | 4
    b7      | s4      | 2026-03-17 18:00 | Spin    | Tom   | c1      | 1
    b8      | s5      | 2026-03-22 18:00 | Spin    | Tom   | c1      | 1
"""
ATTENDANCES = """
    booking | session | status
    --------+---------+-------------
    b1      | s1      | ATTENDED
    b2      | s1      | NOT_ATTENDED
    b3      | s2      | NOT_ATTENDED
    b4      | s3      | ATTENDED
    b5      | s3      | ATTENDED
    b6      | s4      | NOT_ATTENDED
    b7      | s4      | ATTENDED
"""


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


def test_contacts_are_counted_in_each_half_of_the_weeks_over_all_and_by_group(case: Case) -> None:
    case.given(booking=BOOKINGS, attendance=ATTENDANCES)
    with gathered(case.con, as_of=AS_OF) as found:
        halves = found.measure("halves")
    sums = {
        (row["family"], row["service_id"] or row["staff_id"]): tuple(row[name] for name in SIDES)
        for row in halves.to_dicts()
        if row["family"] in (None, "service", "staff")
    }
    # Before: c1 twice, c2 once. After: c1 twice, c3 once, and four of nobody known, each a contact of its own.
    assert sums.pop((None, None)) == (3, 7, 4 + 1, 4 + 1 + 4, 2 * 2)
    yoga, spin = (3, 2, 4 + 1, 1 + 1, 2 * 1), (0, 5, 0, 4 + 1, 0)
    assert sorted(sums.values()) == sorted([yoga, spin, yoga, spin])


TWO_WEEKS = ((day(2), day(8)), (day(9), day(22)))


@pytest.mark.parametrize(
    ("stretches", "expected"),
    [
        (Stretches(*TWO_WEEKS), (2, 8, 2, 9 + 1 + 4, 1 * 3)),
        (Stretches((day(2), day(2)), (day(16), day(16))), (2, 2, 2, 2, 1)),
        (Stretches(*TWO_WEEKS, "service", ("yoga", "SALSA")), (2, 3, 2, 4 + 1, 1 * 2)),
        (Stretches(*TWO_WEEKS, "service", ("YOGA",), is_named=False), (0, 5, 0, 1 + 4, 0)),
    ],
    ids=["all", "single days", "named", "all others"],
)
def test_contacts_are_counted_on_both_sides_of_a_date(
    case: Case, stretches: Stretches, expected: tuple[int, ...]
) -> None:
    case.given(booking=BOOKINGS, attendance=ATTENDANCES)
    with gathered(case.con, as_of=AS_OF) as found:
        rows = found.overlaps({"first": stretches, "again": stretches}).to_dicts()
        assert found.overlaps({}).is_empty()
    assert [row["comparison"] for row in rows] == ["first", "again"]
    assert [tuple(row[name] for name in SIDES) for row in rows] == [expected, expected]


def test_weeks_have_the_squares_of_their_sessions(case: Case) -> None:
    case.given(booking=BOOKINGS, attendance=ATTENDANCES)
    with gathered(case.con, as_of=AS_OF) as found:
        weeks = found.measure("weeks").filter(family="service").to_dicts()
    squares: dict[Any, tuple[int, int, int]] = {
        (row["service_id"], row["week"].day): (row["rated_bookings"], row["missed_bookings"], row["session_squares"])
        for row in weeks
    }
    assert sorted(squares.values()) == [(1, 1, 1), (2, 0, 4), (2, 1, 4), (5, 4, 25)]
