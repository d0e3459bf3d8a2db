"""Measures of the report's sections over small calendars: courses, repeat no-shows, occupancy, value, registers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load
from support.records import Make

from queries.gathered import Period, gathered
from queries.measures.alternatives import alternatives
from queries.measures.courses import with_standing

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def measure(con: duckdb.DuckDBPyConnection, name: str, **scope: Any) -> list[dict[str, Any]]:
    with gathered(con, as_of=AS_OF, **scope) as found:
        return found.measure(name).drop("part").to_dicts()


def session(number: int, start: dt.datetime, **changes: Any) -> dict[str, Any]:
    """A calendar event of the course's schedule."""
    return {
        "id": f"event-{number:030d}",
        "scheduleId": "schedule-1",
        "title": "Pottery",
        "type": "COURSE",
        "status": "CONFIRMED",
        "start": {"utcDate": start.isoformat().replace("+00:00", "Z"), "timeZone": "Europe/Dublin"},
        "totalCapacity": 4,
        "revision": "1",
    } | changes


@pytest.fixture
def course(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> Any:
    """Five weekly sessions, the third of them cancelled, the last not due; marks are given by enrolment and number."""
    starts = [dt.datetime(2026, 5, 4, 18, tzinfo=dt.UTC) + dt.timedelta(weeks=n) for n in range(5)]
    load(*(session(n, start, status="CANCELLED" if n == 2 else "CONFIRMED") for n, start in enumerate(starts)))

    def enrol(*marks: str) -> Any:
        for at, row in enumerate(marks, 1):
            schedule = {"scheduleId": "schedule-1", "serviceId": make.guid(9, 3), "timezone": "Europe/Dublin"}
            booking = make.booking(at, createdDate="2026-04-01T10:00:00Z")
            booking["bookedEntity"] = {"schedule": schedule, "title": "Pottery", "tags": ["COURSE"]}
            load(booking)
            words = {"a": "ATTENDED", "n": "NOT_ATTENDED"}
            load(
                *(
                    make.attendance(100 * at + n, words[mark], bookingId=make.guid(at, 1), eventId=f"event-{n:030d}")
                    for n, mark in zip((0, 1, 3), row, strict=False)
                    if mark in words
                )
            )
        return con

    return enrol


def test_sessions_of_a_course_are_counted_without_the_cancelled(course: Any) -> None:
    numbers = measure(course("aan", "ann", "a-n"), "course_numbers")
    listed = [(row["session_number"], row["no_shows"], row["marked_bookings"], row["bookings"]) for row in numbers]
    assert listed == [(1, 0, 3, 3), (2, 1, 2, 3), (3, 3, 3, 3)]


def test_what_an_enrolment_can_still_reach(course: Any) -> None:
    rows = measure(course("aan", "ann", "a-n", "nnn"), "enrolments")
    standing = with_standing(pl.DataFrame(rows))
    columns = ("attended_bookings", "no_shows", "unmarked_bookings", "not_due", "missed_majority")
    assert standing.select(columns).rows() == [
        (2, 1, 0, 1, False),
        (1, 2, 0, 1, True),
        (1, 1, 1, 1, False),
        (0, 3, 0, 1, True),
    ]
    assert standing["attended_so_far"].to_list() == pytest.approx([2 / 3, 1 / 3, 1 / 2, 0.0])
    assert standing["best_still_possible"].to_list() == [0.75, 0.5, 0.75, 0.25]


def test_nothing_marked_and_nothing_at_all_are_null() -> None:
    counts = {"attended_bookings": [0, 0], "no_shows": [0, 0], "unmarked_bookings": [2, 0], "not_due": [1, 0]}
    standing = with_standing(pl.DataFrame(counts))
    assert standing["attended_so_far"].to_list() == [None, None]
    assert standing["best_still_possible"].to_list() == [1.0, None]
    assert standing["missed_majority"].to_list() == [False, False]


def test_repeat_no_shows_are_counted_within_any_one_year(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    def miss(number: int, contact: int, day: str, status: str = "NOT_ATTENDED") -> None:
        booking = make.booking(number, start=f"{day}T18:00:00+00:00", createdDate="2023-01-01T00:00:00Z")
        booking["contactDetails"] = {"contactId": make.guid(contact, 4), "firstName": "Pat"}
        load(booking, make.attendance(number, status))

    for number, day in enumerate(("2024-01-10", "2024-06-10", "2025-06-09", "2026-05-01"), 1):
        miss(number, 1, day)
    miss(5, 1, "2026-05-02", "ATTENDED")
    for number, day in enumerate(("2024-01-10", "2025-01-11"), 6):
        miss(number, 2, day)
    (row,) = measure(con, "repeat_no_shows")
    assert row["participant_id"] == make.guid(1, 4)
    assert (row["no_shows_in_a_year"], row["no_shows"], row["rated_bookings"]) == (2, 4, 5)
    assert row["last_no_show"] == dt.date(2026, 5, 1)


def yoga(number: int, day: int, **changes: Any) -> dict[str, Any]:
    start = dt.datetime(2026, 5, day, 18, tzinfo=dt.UTC)
    return session(number, start, scheduleId="yoga", title="Yoga", type="CLASS", totalCapacity=3) | changes


def test_sessions_that_nobody_booked_count_as_empty(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(yoga(1, 4), yoga(2, 5), yoga(3, 6), yoga(4, 7, status="CANCELLED"), yoga(5, 30, totalCapacity=None))
    for number, parties in ((1, (2, 1)), (2, (1,))):
        for party in parties:
            booking = make.booking(10 * number + party, party, slot={"eventId": f"event-{number:030d}"})
            load(booking)
            load(
                make.attendance(
                    10 * number + party,
                    "ATTENDED",
                    4 if number == 1 and party == 2 else 1,
                    eventId=f"event-{number:030d}",
                )
            )
    rows = measure(con, "occupancy")
    total = pl.DataFrame(rows).select(pl.col("sessions", "empty_sessions", "full_sessions", "seats", "booked").sum())
    assert total.row(0) == (3, 1, 1, 9, 4)
    assert sum(row["came_within"] for row in rows) == 3 + 1
    # Two sessions with rated bookings, of 3 and of 1 participants; the party of 2 came as 4, and nobody was absent.
    sums = ("rated_sessions", "booked_rated", "absent", "booked_rated_squared", "absent_squared_share")
    assert [sum(row[name] for row in rows) for name in sums] == [2, 4, 0, 9 + 1, 0.0]


def test_sums_of_fractions_do_not_depend_on_the_order_of_rows(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    parties = [3 + 17 * number % 37 for number in range(37)]
    records = []
    for number, party in enumerate(parties, 1):
        records.append(yoga(number, 4, totalCapacity=50))
        records.append(make.booking(number, party, slot={"eventId": f"event-{number:030d}"}))
        records.append(make.attendance(number, "ATTENDED", party - 1, eventId=f"event-{number:030d}"))
    load(*records)
    shares = [1 / party for party in parties]  # one absent of each party
    assert len({sum(shares), sum(sorted(shares))}) == 2
    (row,) = measure(con, "occupancy")
    assert row["absent_squared_share"] == sum(sorted(shares))


def test_the_value_of_empty_seats_and_what_is_not_priced(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    price = {"rate": {"labeledPriceOptions": {"general": {"amount": "12.50", "currency": "EUR"}}}}
    for number, (party, status, priced) in enumerate(
        ((2, "NOT_ATTENDED", True), (3, "ATTENDED", True), (2, None, True), (1, "NOT_ATTENDED", False)), 1
    ):
        booking = make.booking(number, party)
        booking["bookedEntity"] |= price if priced else {}
        load(booking, *([make.attendance(number, status, 1)] if status else []))
    rows = {row["currency"]: row for row in measure(con, "empty_seats")}
    assert (rows["EUR"]["absent"], rows["EUR"]["absent_priced"]) == (4, 4)
    assert rows["EUR"]["value_absent"] == Decimal("50.00")
    assert (rows["EUR"]["unmarked_seats"], rows["EUR"]["value_unmarked"]) == (2, Decimal("25.00"))
    assert (rows[""]["absent"], rows[""]["absent_priced"], rows[""]["value_absent"]) == (1, 0, None)


def test_missing_registers_in_the_shell_are_those_of_the_report(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(*(make.booking(n, start=f"2026-03-{n:02d}T18:00:00+00:00") for n in range(1, 6)))
    load(make.attendance(1), make.attendance(3, "NOT_SET"))
    con.execute("set variable as_of = timestamp '2026-06-01'")
    view = con.sql("from missing_registers").pl()
    assert view["session_id"].to_list() == [make.event(n) for n in (2, 3, 4, 5)]
    assert view["days_open"][0] == (dt.date(2026, 6, 1) - dt.date(2026, 3, 3)).days
    ours = pl.DataFrame(measure(con, "registers"))
    shared = ["session_id", "service", "location", "staff", "local_start", "bookings", "unmarked_bookings"]
    assert ours.select(shared).equals(view.select(shared))


def test_the_named_definitions_by_hand() -> None:
    counts = {"bookings": 7, "rated_bookings": 6, "missed_bookings": 2, "unmarked_bookings": 1, "absent": 6}
    counts |= {"booked_marked": 13, "late_cancelled": 2, "no_shows": 2}
    counts |= {"presumed_attended": 0, "presumed_missed": 0}
    row = pl.DataFrame([counts])
    rates = {
        name: (part, whole)
        for name, part, whole in alternatives(row).select("definition", "numerator", "denominator").rows()
    }
    assert rates == {
        "headline": (2, 6),
        "of_all_due": (2, 7),
        "participants": (6, 13),
        "with_late_cancels": (4, 8),
        "unmarked_as_missed": (3, 7),
        "unmarked_as_shown": (2, 7),
    }
    unknown = alternatives(row.with_columns(late_cancelled=pl.lit(None, pl.Int64)))
    assert unknown.filter(pl.col("definition") == "with_late_cancels").row(0)[2:] == (None, None, None)
    assert alternatives(row.with_columns(pl.all() * 0))["rate"].null_count() == 6
    assert alternatives(row)["meaning"][0] == "of marked bookings: the definition of this report"
    presumed = alternatives(row.with_columns(presumed_missed=pl.lit(1)))
    assert presumed["meaning"][0] == "of marked and presumed bookings: the definition of this report"


@pytest.mark.parametrize(
    ("no_shows", "presumed_attended", "presumed_missed", "unmarked", "missed", "shown"),
    [(176, 816, 0, 0, 992, 176), (0, 0, 300, 0, 300, 0), (20, 50, 40, 30, 140, 20)],
    ids=["no-shows only", "arrivals only", "all kinds"],
)
def test_a_presumed_booking_is_unmarked_by_the_definitions_of_others(
    no_shows: int, presumed_attended: int, presumed_missed: int, unmarked: int, missed: int, shown: int
) -> None:
    missed_bookings = no_shows + presumed_missed
    rated = missed_bookings + presumed_attended + 700
    counts = {"bookings": rated + unmarked, "rated_bookings": rated, "missed_bookings": missed_bookings}
    counts |= {"no_shows": no_shows, "unmarked_bookings": unmarked, "absent": missed_bookings, "booked_marked": rated}
    counts |= {"presumed_attended": presumed_attended, "presumed_missed": presumed_missed, "late_cancelled": 0}
    numerators = dict(alternatives(pl.DataFrame([counts])).select("definition", "numerator").iter_rows())
    assert (numerators["unmarked_as_missed"], numerators["unmarked_as_shown"]) == (missed, shown)


def test_a_period_keeps_other_sessions_out(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(*(make.booking(n, start=f"2026-03-{n:02d}T23:30:00+00:00") for n in range(1, 6)))
    with gathered(con, as_of=AS_OF, period=Period(dt.date(2026, 3, 2), dt.date(2026, 3, 3))) as found:
        assert found.counts()["bookings"].item() == 2
    assert not con.execute("select 1 from duckdb_tables() where table_name = 'roster'").fetchall()


def test_parts_add_up_to_the_whole(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(*(make.booking(n, slot={"location": {"id": f"site-{n % 3}", "name": f"Site {n % 3}"}}) for n in range(1, 12)))
    with gathered(con, as_of=AS_OF) as found:
        whole = found.counts("service").drop("part", "service_id", "service")
    with gathered(con, as_of=AS_OF, split="location") as found:
        split = found.counts("service")
    assert split["part"].sort().to_list() == ["site-0", "site-1", "site-2"]
    for name in ("bookings", "booked", "unmarked_bookings", "sessions"):
        assert split[name].sum() == whole[name].item()


def test_the_newest_sessions_of_each_part_are_told(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    load(make.booking(1), make.attendance(1))
    with gathered(con, as_of=AS_OF) as found:
        con.execute(
            "create or replace temp view facts as select * replace (i::varchar as session_id, "
            "local_start + to_hours(i::bigint) as local_start, case when i < 2 then 'few' else 'many' end as part) "
            "from roster cross join range(610) as t(i) where is_due"
        )
        rows = found.measure("sessions")
    frames = {part: frame for (part,), frame in rows.group_by("part")}
    assert {part: (frame.height, frame["all_sessions"].unique().to_list()) for part, frame in frames.items()} == {
        "few": (2, [2]),
        "many": (600, [608]),
    }
    assert set(frames["many"]["session_id"]) == {str(n) for n in range(10, 610)}
    assert frames["many"]["attended_bookings"].sum() == 600
