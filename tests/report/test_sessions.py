"""The table of every session: newest first, capped, and it says so."""

from __future__ import annotations

import datetime as dt

from support import report_frames as build
from support.report_frames import report

START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone


def test_more_sessions_than_fit_are_capped_and_it_says_so() -> None:
    rows = [
        {"session_id": f"s{n}", "local_start": START + dt.timedelta(hours=n), "bookings": 1, "all_sessions": 5003}
        for n in range(3)
    ]
    made = report(sessions=build.rows("sessions", *rows)).sessions
    assert made is not None
    assert (len(made.sessions), made.total) == (3, 5003)
    assert made.cap == "The newest 3 of 5,003 sessions; all of them are in the view no_show_by_session"
    assert made.sessions[0].start > made.sessions[-1].start
    assert len({session.id for session in made.sessions}) == 3


def test_where_all_sessions_are_shown_nothing_says_so() -> None:
    made = report(
        sessions=build.rows("sessions", {"session_id": "s", "local_start": START, "all_sessions": 1})
    ).sessions
    assert made is not None
    assert (made.total, made.cap) == (1, None)
