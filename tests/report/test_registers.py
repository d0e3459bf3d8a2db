"""Registers to fill in: by keeper, the newest session first, each linked to its session."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.seen import text_of

START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone


def test_registers_stand_by_keeper_the_oldest_first() -> None:
    days = [dt.timedelta(days=n) for n in range(3)]
    rows = [
        {
            "session_id": f"s{n}",
            "service": "Yoga",
            "staff": staff,
            "location": "Harbour",
            "local_start": START + days[n],
        }
        | {"bookings": 4, "unmarked_bookings": n + 1}
        for n, staff in enumerate(("Tom", "Ana", "Tom"))
    ]
    made = report(registers=build.rows("registers", *rows)).registers
    assert made is not None
    assert [(keeper.staff, keeper.sessions, keeper.unmarked) for keeper in made.keepers] == [
        ("Tom", 2, 4),
        ("Ana", 1, 2),
    ]
    assert made.registers[0].start == "2026-02-18 Wed 18:00"
    assert [register.id for register in made.registers] == [None, None, None]


def test_a_register_without_staff_and_location_reads_well_in_the_table_and_in_a_sentence() -> None:
    row = {"session_id": "s1", "service": "Yoga", "local_start": START, "bookings": 4, "unmarked_bookings": 4}
    made = report(registers=build.rows("registers", row, row | {"session_id": "s2"}))
    assert [(keeper.staff, keeper.location) for keeper in made.registers.keepers] == [("no named member of staff", "")]
    page = text_of(draw(made))
    assert re.search(r"with no named member of staff[.:]", page)
    assert not re.search(r"no place given|nobody named|staff at\b", page)


def test_a_register_links_to_its_session() -> None:
    row = {"session_id": "s1", "service": "Yoga", "local_start": START, "bookings": 4}
    made = report(
        registers=build.rows("registers", row | {"unmarked_bookings": 1}), sessions=build.rows("sessions", row)
    )
    assert made.registers is not None
    assert made.sessions is not None
    assert made.registers.registers[0].id == made.sessions.sessions[0].id


def test_who_marks_nobody_stands_where_there_is_no_register() -> None:
    rows = (
        {"kept_by": "staff", "keeper_id": "a", "keeper": "Ana", "bookings": 9, "marks_made": 1},
        {"kept_by": "location", "keeper_id": "h", "keeper": "Harbour", "bookings": 5},
    )
    last, today = dt.date(2026, 2, 20), dt.date(2026, 3, 2)
    made = report(
        regimes=build.rows("regimes", {"marks": "no_shows", "bookings": 14}),
        silent_markers=build.rows("silent_markers", rows[0] | {"last_mark": last, "last_booking": today}, rows[1]),
    )
    assert [
        (one.keeper, one.kept_by, one.bookings, one.marks, one.last, one.days) for one in made.registers.silent
    ] == [
        ("Harbour", "location", 5, 0, None, None),
        ("Ana", "staff", 9, 1, last, 10),
    ]
    page = build.draw(made)
    assert "Who marks</h2>" in page
    assert ">never<" in page
    assert "Registers to fill in" not in page
    assert report({"share": True}, silent_markers=build.rows("silent_markers", *rows)).registers is None


def test_registers_worth_asking_about_are_listed_and_not_changed() -> None:
    row = {"staff_id": "a", "staff": "Ana", "sessions": 8, "bookings": 40, "rest_no_shows": 40, "chance": 0.0001}
    frame = build.rows("one_click_registers", row | {"rest_rated_bookings": 200})
    made = report(one_click_registers=frame)
    (found,) = made.registers.one_click
    assert (found.staff, found.sessions, found.bookings, found.rest_no_shows, found.rest_marked) == (
        "Ana",
        8,
        40,
        40,
        200,
    )
    assert "Worth asking about" in build.draw(made)
    assert made.headline == report().headline
    assert "Worth asking about" not in build.draw(report())


def test_a_long_list_of_who_marks_nobody_is_capped_and_says_so() -> None:
    rows = [{"kept_by": "staff", "keeper_id": f"k{n:02d}", "keeper": f"K{n:02d}", "bookings": n} for n in range(61)]
    made = report(silent_markers=build.rows("silent_markers", *rows)).registers
    assert (len(made.silent), made.silent[0].keeper, made.silent_cap) == (60, "K60", "60 of 61 shown")
    assert report(silent_markers=build.rows("silent_markers", *rows[:60])).registers.silent_cap is None


@pytest.mark.parametrize(
    ("last", "bookings", "said"),
    [
        (dt.date(2026, 1, 1), 400, "Ask whether Ana still marks: nobody was marked for 60 days."),
        (None, 400, "Ask whether Ana still marks: nobody was marked yet."),
        (dt.date(2026, 2, 28), 400, None),
        (None, 3, None),
    ],
)
def test_the_first_page_says_who_has_marked_nobody_for_long(
    last: dt.date | None, bookings: int, said: str | None
) -> None:
    row = {"kept_by": "staff", "keeper_id": "a", "keeper": "Ana", "bookings": bookings}
    made = report(
        regimes=build.rows("regimes", {"marks": "no_shows", "bookings": bookings}),
        silent_markers=build.rows("silent_markers", row | {"last_mark": last, "last_booking": dt.date(2026, 3, 2)}),
    )
    found = [plain(action.sentence) for action in made.actions.actions if action.kind == "silent"]
    assert found == ([said] if said else [])
    assert not any("marked nobody" in line for line in made.in_short)
