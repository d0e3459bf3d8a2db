"""Habits of marking: who marks nobody, and whose registers look filled in by one click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.cases import Case
from support.in_memory import in_memory_case, table

import queries

AS_OF = "2026-06-01T00:00:00Z"


@pytest.fixture
def case() -> Iterator[Case]:
    with in_memory_case() as made:
        yield made


def give(case: Case, *rows: tuple[str, str, str, str, str]) -> None:
    """Bookings by staff, day of March, marks of the source, status of the mark (or none) and excused."""
    bookings, marks = [], []
    for number, (staff, day, kind, status, excused) in enumerate(rows):
        name, session = f"b{number}", f"{staff} {day}"
        start = f"2026-03-{day} 18:00"
        bookings.append(
            {"booking": name, "session": session, "starts_at": start, "staff": staff, "marks": kind, "service": "Yoga"}
        )
        if status:
            marks.append({"booking": name, "session": session, "status": status, "excused": excused})
    nothing = [{"booking": "none", "session": "none", "status": "NOT_SET", "excused": ""}]
    case.given(booking=table(*bookings), attendance=table(*(marks or nothing)))


@pytest.mark.parametrize(
    ("kind", "marking"),
    [
        ("no_shows", {"NOT_ATTENDED"}),
        ("default", {"NOT_ATTENDED"}),
        ("arrivals", {"ATTENDED", "NOT_ATTENDED"}),
    ],
)
@pytest.mark.parametrize("status", ["ATTENDED", "NOT_ATTENDED", "NOT_SET", ""])
def test_a_mark_is_what_the_source_records(case: Case, kind: str, marking: set[str], status: str) -> None:
    give(case, ("Ana", "02", kind, status, ""), ("Ana", "09", kind, "", ""))
    (row,) = queries.silent_markers(case.con, as_of=AS_OF).to_dicts()
    assert (row["kept_by"], row["keeper_id"], row["keeper"], row["bookings"]) == ("staff", "ana", "Ana", 2)
    assert row["marks_made"] == (status in marking)
    assert row["days_since"] == (7 if status in marking else None)  # from 2 to 9 March


def test_to_excuse_is_a_mark(case: Case) -> None:
    give(case, ("Ana", "02", "no_shows", "NOT_SET", "yes"))
    assert queries.silent_markers(case.con, as_of=AS_OF)["marks_made"].to_list() == [1]


def test_who_has_never_marked_stands_first_then_who_has_not_for_longest(case: Case) -> None:
    give(
        case,
        ("Ana", "02", "no_shows", "NOT_ATTENDED", ""),
        ("Ana", "30", "no_shows", "", ""),
        ("Bo", "09", "no_shows", "NOT_ATTENDED", ""),
        ("Bo", "10", "no_shows", "", ""),
        ("Cy", "09", "no_shows", "", ""),
        ("Di", "09", "arrivals", "", ""),
        ("Di", "10", "arrivals", "", ""),
        ("Ed", "02", "both", "", ""),
    )
    found = queries.silent_markers(case.con, as_of=AS_OF)
    assert found.select("keeper", "days_since").rows() == [("Di", None), ("Cy", None), ("Ana", 28), ("Bo", 1)]


def test_without_staff_the_location_and_without_it_the_service_is_named(case: Case) -> None:
    start = "2026-03-02 18:00"
    rows: list[dict[str, Any]] = [
        {"booking": "b1", "session": "s1", "starts_at": start, "location": "Harbour", "service": "Yoga"},
        {"booking": "b2", "session": "s2", "starts_at": start, "location": "", "service": "Yoga"},
    ]
    case.given(booking=table(*(row | {"marks": "no_shows", "weight": 3} for row in rows)))
    found = queries.silent_markers(case.con, as_of=AS_OF).sort("kept_by")
    assert found.select("kept_by", "keeper", "bookings").rows() == [("location", "Harbour", 3), ("service", "Yoga", 3)]


def register(
    staff: str, sessions: int, each: int, missed: int = 0, **changes: str
) -> list[tuple[str, str, str, str, str]]:
    """So many bookings in each of so many sessions of both sides, all attended but the first `missed`."""
    rows = []
    for number in range(sessions * each):
        status = "NOT_ATTENDED" if number < missed else "ATTENDED"
        rows.append((staff, f"{number % sessions + 1:02d}", changes.get("marks", "both"), status, ""))
    return rows


# The others miss 40 of 200, so 31 of 31 attended has a chance of 0.8 ** 31, 0.099 %, and 30 of 30 one of 0.124 %.
OTHERS = register("Bo", 20, 10, missed=40)


def one_click(case: Case, *rows: tuple[str, str, str, str, str]) -> list[tuple[Any, ...]]:
    give(case, *OTHERS, *rows)
    found = queries.one_click_registers(case.con, as_of=AS_OF)
    return list(found.select("staff", "sessions", "bookings", "rest_no_shows", "rest_rated_bookings").rows())


def test_nothing_but_attended_where_that_is_improbable_is_worth_asking_about(case: Case) -> None:
    assert one_click(case, *register("Ana", 8, 5)) == [("Ana", 8, 40, 40, 200)]
    (chance,) = queries.one_click_registers(case.con, as_of=AS_OF)["chance"]
    assert chance == pytest.approx(0.8**40)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (register("Ana", 4, 20), "four sessions"),
        (register("Ana", 6, 5), "30 bookings: 0.124 %"),
        (register("Ana", 8, 5, missed=1), "one no-show"),
        ([*register("Ana", 8, 5), ("Ana", "01", "both", "", "")], "one unmarked"),
        ([*register("Ana", 8, 5), ("Ana", "01", "both", "NOT_SET", "yes")], "one excused"),
        (register("Ana", 8, 5, marks="default"), "no register"),
        (register("", 8, 5), "nobody is named"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_registers_are_not(case: Case, rows: list[tuple[str, str, str, str, str]], why: str) -> None:
    assert one_click(case, *rows) == []


def test_the_bound_lies_between_30_and_31_bookings(case: Case) -> None:
    assert one_click(case, *register("Ana", 31, 1)) == [("Ana", 31, 31, 40, 200)]


def test_without_others_nothing_is_improbable(case: Case) -> None:
    give(case, *register("Ana", 8, 5))
    assert queries.one_click_registers(case.con, as_of=AS_OF).height == 0
