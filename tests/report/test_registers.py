"""Registers to fill in: by keeper, the oldest first, each linked to its session."""

from __future__ import annotations

import datetime as dt

from support import report_frames as build
from support.report_frames import report

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
    assert made.registers[0].start == "2026-02-16 Mon 18:00"
    assert [register.id for register in made.registers] == [None, None, None]


def test_a_register_links_to_its_session() -> None:
    row = {"session_id": "s1", "service": "Yoga", "local_start": START, "bookings": 4}
    made = report(
        registers=build.rows("registers", row | {"unmarked_bookings": 1}), sessions=build.rows("sessions", row)
    )
    assert made.registers is not None
    assert made.sessions is not None
    assert made.registers.registers[0].id == made.sessions.sessions[0].id
