"""A mark takes the place of each stored one that has its id, or its booking and session."""

from __future__ import annotations

import duckdb
from support.fixtures import Load
from support.records import Make, Record

# Of each mark its id, booking and event; two are stored for each case.
Names = tuple[int, int, int]
STORED: list[Names] = [(1, 1, 1), (2, 2, 2)]

# Case -> the marks that are loaded, and the stored ones that stay.
CASES: dict[str, tuple[list[Names], list[Names]]] = {
    "the same key and id": ([(1, 1, 1)], [(2, 2, 2)]),
    "the key under another id": ([(9, 1, 1)], [(2, 2, 2)]),
    "the id under another booking": ([(1, 9, 1)], [(2, 2, 2)]),
    "the id under another event": ([(1, 1, 9)], [(2, 2, 2)]),
    "the id of one and the key of the other": ([(1, 2, 2)], []),
    "two that changed places": ([(1, 2, 2), (2, 1, 1)], []),
    "one as it is stored, one under another id": ([(1, 1, 1), (9, 2, 2)], []),
    "one that moved, and another in its place": ([(1, 3, 3), (9, 1, 1)], [(2, 2, 2)]),
    "another event of the same booking": ([(9, 1, 9)], STORED),
    "another booking of the same event": ([(9, 9, 1)], STORED),
}


def mark(case: int, names: Names, status: str = "ATTENDED") -> Record:
    id, booking, event = (10 * case + number for number in names)
    return Make.attendance(id, status, bookingId=Make.guid(booking, 1), eventId=Make.event(event))


def test_which_marks_give_way(load: Load, con: duckdb.DuckDBPyConnection) -> None:
    load(*(mark(case, one) for case in range(len(CASES)) for one in STORED))
    expected, given_way = [], 0
    for case, (loaded, left) in enumerate(CASES.values()):
        marks = [mark(case, one, "NOT_ATTENDED") for one in loaded]
        assert load(*marks).loaded == len(marks)
        expected += marks + [mark(case, one) for one in left]
        given_way += len(STORED) - len(left)

    stored = con.execute("select id::varchar, booking_id::varchar, event_id, status from attendance").fetchall()
    assert sorted(stored) == sorted(
        tuple(record[name] for name in ("id", "bookingId", "eventId", "status")) for record in expected
    )
    kept = con.execute("select count(*) from internal.replaced_row where entity = 'attendance'").fetchall()
    assert kept == [(given_way,)]


def test_marks_of_one_file_give_way_as_those_of_several(load: Load, con: duckdb.DuckDBPyConnection) -> None:
    load(*(mark(case, one) for case in range(len(CASES)) for one in STORED))
    load(*(mark(case, one, "NOT_ATTENDED") for case, (loaded, _) in enumerate(CASES.values()) for one in loaded))
    stored = con.execute("select id::varchar from attendance where status = 'ATTENDED'").fetchall()
    left = [mark(case, one)["id"] for case, (_, left) in enumerate(CASES.values()) for one in left]
    assert sorted(stored) == sorted((id,) for id in left)
