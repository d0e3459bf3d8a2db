"""The table of every session: newest first, capped, and it says so."""

from __future__ import annotations

import datetime as dt
import re

import pytest
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
    assert made.cap == "The database has all of them"
    assert build.plain(made.title) == "The newest 3 of 5,003 sessions."
    page = build.draw(report(sessions=build.rows("sessions", *rows)))
    assert 'data-rest="the other 5,000 sessions, in the database"' in page
    assert made.sessions[0].start > made.sessions[-1].start
    assert len({session.id for session in made.sessions}) == 3


def test_where_all_sessions_are_shown_nothing_says_so() -> None:
    made = report(
        sessions=build.rows("sessions", {"session_id": "s", "local_start": START, "all_sessions": 1})
    ).sessions
    assert made is not None
    assert (made.total, made.cap) == (1, None)


def test_attended_and_no_shows_are_those_of_the_rate_and_excused_have_a_column_of_their_own() -> None:
    row = {"session_id": "s", "local_start": START, "all_sessions": 1, "bookings": 10, "rated_bookings": 8}
    row |= {"missed_bookings": 3, "presumed_missed": 3, "attended_bookings": 5}
    plain = report(sessions=build.rows("sessions", row))
    (one,) = plain.sessions.sessions
    assert (one.bookings, one.attended, one.no_shows, one.unmarked, one.excused) == (10, 5, 3, 0, 0)
    assert 'class="number">Excused<' not in build.draw(plain)
    excused = report(sessions=build.rows("sessions", row | {"excused": 2}))
    assert excused.sessions.sessions[0].excused == 2
    assert 'class="number">Excused<' in build.draw(excused)


def many(count: int) -> list[dict[str, object]]:
    """Sessions as a yoga school has them, one an hour."""
    return [
        {"session_id": f"session {n}", "local_start": START + dt.timedelta(hours=n), "service": "Back care course"}
        | {"location": "Riverside", "staff": "Clara Roth", "bookings": 12, "rated_bookings": 11, "missed_bookings": 2}
        | {"unmarked_bookings": 1, "all_sessions": count}
        for n in range(count)
    ]


def test_a_session_takes_little_of_the_page() -> None:
    few, more = (len(build.draw(report(sessions=build.rows("sessions", *many(count))))) for count in (10, 60))
    assert (more - few) / 50 < 120


def test_only_sessions_that_a_register_links_to_have_an_id() -> None:
    rows = many(5)
    page = build.draw(
        report(sessions=build.rows("sessions", *rows), registers=build.rows("registers", *_registers(rows[2:])))
    )
    targets = set(re.findall(r'href="#(session-[0-9a-f]+)"', page))
    assert len(targets) == 3
    assert set(re.findall(r"<tr id=(session-[0-9a-f]+)>", page)) == targets


def _registers(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    keys = ("session_id", "local_start", "service", "location", "staff", "bookings", "unmarked_bookings")
    return [{key: row[key] for key in keys} for row in rows]


@pytest.mark.parametrize("known", [("location", "staff"), ("location",), ("staff",), ()])
def test_columns_that_no_session_fills_are_left_out(known: tuple[str, ...]) -> None:
    empty: dict[str, object] = {name: None for name in ("location", "staff") if name not in known}
    rows = [row | empty for row in many(3)]
    page = build.draw(
        report(sessions=build.rows("sessions", *rows), registers=build.rows("registers", *_registers(rows)))
    )
    for caption in ("session-table-caption", "register-list-caption"):
        head = page.split(f'id="{caption}"')[1].split("</thead>")[0]
        assert {name for name in ("location", "staff") if f">{name.capitalize()}<" in head} == set(known)
    body = page.split('id="session-table-caption"')[1].split("<tbody>")[1]
    assert body.split("<tr")[1].count("<td>") == 6 + len(known)
    assert f'data-choose="{",".join("123"[: 1 + len(known)])}"' in page


@pytest.mark.parametrize(
    ("counted", "heads"),
    [
        ({}, []),
        ({"late_cancelled": 2}, ["Late cancelled"]),
        ({"walk_ins": 1, "excused": 3}, ["Walk-ins", "Excused"]),
    ],
)
def test_counts_that_no_session_has_are_no_column(counted: dict[str, object], heads: list[str]) -> None:
    """A column of noughts reads as a fact of a source that records no such thing."""
    rows = [row | counted for row in many(2)]
    page = build.draw(report(sessions=build.rows("sessions", *rows)))
    table = page.split('id="session-table-caption"')[1].split("</table>")[0]
    assert re.findall(r">(Late cancelled|Walk-ins|Excused)<", table) == heads
    assert table.split("<tr")[2].count("<td>") == 8 + len(heads)
    assert f'class="sessions counts-{4 + len(heads)}"' in page
