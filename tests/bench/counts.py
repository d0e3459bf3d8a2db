"""Counting: no-shows by session beside SQL written by hand over the same file, and beside pandas; whole reports."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
from filled import fill, multiply_roster
from measuring import Row, alone, seconds_of

import queries
import reports
from queries.gathered import Period, gathered
from queries.language.filters import read_filter
from queries.language.resources import BOOKED_SESSION
from queries.measures.counts import counts
from queries.model.groupings import groupings_named
from reports.registry import SECTIONS
from reports.report import needs_of

YEAR = Period(dt.date(2025, 6, 1), dt.date(2026, 5, 31))
AS_OF = "2026-11-01T00:00:00Z"
# The same counts from the tables as they were loaded.
_FROM_TABLES = """
select
    session_id, count(*), count(*) filter (status in ('ATTENDED', 'NOT_ATTENDED')),
    count(*) filter (status = 'ATTENDED'),
    count(*) filter (status = 'NOT_ATTENDED'), count(*) filter (status is null), sum(booked),
    sum(booked) filter (status in ('ATTENDED', 'NOT_ATTENDED')),
    sum(case status when 'NOT_ATTENDED' then booked when 'ATTENDED' then greatest(0, booked - came) end),
    sum(case status when 'ATTENDED' then greatest(0, came - booked) end),
    sum(booked * booked) filter (status in ('ATTENDED', 'NOT_ATTENDED')),
    count(*) filter (status = 'ATTENDED' and came < booked), max(name), max(starts_at), max(location)
from (
    select
        s.id as session_id, a.status, greatest(1, b.participants) as booked, greatest(1, a.number_of_attendees) as came,
        s.service_name as name, s.starts_at, s.location_name as location
    from booking as b
    join session as s on s.id = b.event_id
    left join attendance as a on a.booking_id = b.id and a.session_key = s.id
    where b.status = 'CONFIRMED' and s.status = 'CONFIRMED'
        and s.ends_at + interval 24 hour <= timestamp '2026-11-01'
)
group by session_id
"""
# The same counts from the roster as noshow stores it, every one of them.
_FROM_ROSTER = """
select
    {key}, count(outcome), count(*) filter (outcome in ('attended', 'not_attended')),
    count(*) filter (outcome = 'attended'), count(*) filter (outcome = 'not_attended'),
    count(*) filter (outcome = 'unmarked'), sum(booked) filter (outcome is not null),
    sum(booked) filter (outcome in ('attended', 'not_attended')), sum(absent),
    sum(case outcome when 'attended' then greatest(0, came - booked) end),
    sum(booked * booked) filter (outcome in ('attended', 'not_attended')),
    count(*) filter (outcome = 'attended' and came < booked), count(cancellation),
    count(*) filter (cancellation = 'early'), count(*) filter (cancellation = 'late'),
    count(*) filter (cancellation = 'business'), count(*) filter (cancellation = 'unknown'),
    count(*) filter (outcome = 'attended' and booked > 1 and number_of_attendees = 1), {sessions},
    case when min(currency) is not distinct from max(currency) then sum(absent * price) end
from (
    select
        *, greatest(1, number_of_attendees) as came,
        case outcome when 'not_attended' then booked
            when 'attended' then greatest(0, booked - greatest(1, number_of_attendees)) end as absent
    from known_roster
)
where place in ('confirmed', 'cancelled') and due_at <= timestamp '2026-11-01'
group by 1
"""
_BY_SESSION = {
    "key": "session_id, max(service), max(local_start), max(location)",
    "sessions": "least(1, count(outcome)), least(1, count(*) filter (outcome = 'unmarked'))",
}
_BY_WEEK = {
    "key": "date_trunc('week', local_start)::date",
    "sessions": "count(distinct session_id) filter (outcome is not null), "
    "count(distinct session_id) filter (outcome = 'unmarked')",
}
_FRAMES = {
    "booking": "select id, event_id, status, participants from booking",
    "session": "select id, ends_at, status from session",
    "attendance": "select booking_id, session_key, status, number_of_attendees from attendance",
}


def by_session(db: Path, memory_limit: str) -> float:
    """Counts by session, all of them, as a frame."""
    return counted_by("session", db, memory_limit)


def counted_by(grouping: str, db: Path, memory_limit: str) -> float:
    """Counts by a grouping, all of them, as a frame."""
    con = queries.connect(db, memory_limit=memory_limit)
    every, moment = read_filter(BOOKED_SESSION, None), queries.as_of_instant(AS_OF)
    return seconds_of(lambda: counts(con, groupings_named(grouping), every, moment), 3)


def by_hand(db: Path, memory_limit: str, statement: str) -> float:
    """A statement, its rows as a frame."""
    con = duckdb.connect(str(db), read_only=True)
    con.execute(f"set memory_limit = '{memory_limit}'")
    return seconds_of(lambda: con.sql(statement).pl(), 3)


def by_pandas(db: Path) -> float:
    """Three frames in memory, merged and grouped; reading them is not counted."""
    con = duckdb.connect(str(db), read_only=True)
    frames = {name: con.sql(text).df() for name, text in _FRAMES.items()}

    def count() -> None:
        booked = frames["booking"].merge(frames["session"], left_on="event_id", right_on="id", suffixes=("", "_s"))
        booked = booked[(booked.status == "CONFIRMED") & (booked.status_s == "CONFIRMED")]
        marked = booked.merge(
            frames["attendance"], left_on=["id", "event_id"], right_on=["booking_id", "session_key"], how="left",
            suffixes=("", "_a"),
        )  # fmt: skip
        marked["no_show"] = marked.status_a == "NOT_ATTENDED"
        marked["is_marked"] = marked.status_a.isin(["ATTENDED", "NOT_ATTENDED"])
        marked["unmarked"] = marked.status_a.isna()
        marked["absent"] = marked.participants.where(marked.no_show, 0)
        marked.groupby("event_id").agg(
            {
                "id": "count",
                "is_marked": "sum",
                "no_show": "sum",
                "unmarked": "sum",
                "participants": "sum",
                "absent": "sum",
            }
        )

    return seconds_of(count)


def a_report(db: Path, page: Path, memory_limit: str) -> float:
    """A report of the whole year, to the page; charts and templates are loaded by a first one of a single day."""
    con = queries.connect(db, memory_limit=memory_limit)
    reports.build_report(con, page, as_of=AS_OF, first=YEAR.last, last=YEAR.last)
    return seconds_of(lambda: reports.build_report(con, page, as_of=AS_OF, first=YEAR.first, last=YEAR.last))


def its_scans(db: Path, memory_limit: str) -> float:
    """The statements that the same report is made of, one after the other, nothing drawn."""
    con = queries.connect(db, memory_limit=memory_limit)

    def scan() -> None:
        needs = needs_of(SECTIONS)
        with gathered(con, None, AS_OF, YEAR) as found:
            for names in (*((name,) for name in needs.by), *needs.counts.values(), ()):
                found.counts(*names)
            for name in needs.rows:
                found.measure(name)
        with gathered(con, None, AS_OF, YEAR.before(364)) as found:
            found.counts()
        queries.flags(con, as_of=AS_OF)

    return seconds_of(scan)


def by_location(db: Path, folder: Path, memory_limit: str) -> float:
    """A report for each location."""
    con = queries.connect(db, memory_limit=memory_limit)
    return seconds_of(
        lambda: reports.build_reports(con, folder, "location", as_of=AS_OF, first=YEAR.first, last=YEAR.last)
    )


_BY_HAND = {
    "SQL by hand over the stored roster": _FROM_ROSTER.format(**_BY_SESSION),
    "SQL by hand over the tables": _FROM_TABLES,
}


def rows(folder: Path, size: int, memory_limit: str = "700MB") -> list[Row]:
    """Counts and reports over `size` booked sessions."""
    db = folder / "a.duckdb"
    fill(db, size)
    ours = alone(by_session, db, memory_limit)
    work = f"counts by session, {size:,} booked sessions, {memory_limit}"
    measured = [
        Row(work, ours, name, alone(by_hand, db, memory_limit, statement), "at most 1.3x")
        for name, statement in _BY_HAND.items()
    ]
    measured.append(Row(work, ours, "pandas, frames in memory", alone(by_pandas, db), "at least 10x"))
    # Memory that Python itself holds is not bounded; this keeps the process under 1 GB.
    limit = "400MB"
    report = alone(a_report, db, folder / "a.html", limit)
    scans = alone(its_scans, db, limit)
    work = f"report of {size:,} booked sessions, {limit}"
    measured.append(Row(work, report, "its statements alone", scans, "at most 1.5x"))
    many = alone(by_location, db, folder / "all", limit)
    return [*measured, Row("200 reports by location", many, "one report", report, "at most 20x")]


def many_rows(folder: Path, size: int, memory_limit: str = "700MB") -> list[Row]:
    """Counts over `size` booked sessions, made of a hundredth of as many."""
    db = folder / "a.duckdb"
    fill(db, size // 100)
    multiply_roster(db, 100)
    return [
        Row(
            f"counts by {grouping}, {size:,} booked sessions, {memory_limit}",
            alone(counted_by, grouping, db, memory_limit),
            "SQL by hand over the stored roster",
            alone(by_hand, db, memory_limit, _FROM_ROSTER.format(**by)),
            "at most 1.3x",
        )
        for grouping, by in (("session", _BY_SESSION), ("week", _BY_WEEK))
    ]
