"""A made-up business in several time zones, as the records that noshow loads and as the truth behind them.

Regulars have habits and sessions have bad days; some registers stay unmarked; there are courses, parties, walk-ins,
late cancellations, excused and unpaid bookings, deleted contacts, rows that stand for several bookings, and a file for
each month and part of the business. Sizes and shares differ from business to business.
"""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import polars as pl

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Los_Angeles")
FIRST = dt.date(2026, 1, 5)
AS_OF = dt.datetime(2026, 9, 1, 12, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Business:
    """`truth` has a row for each booking and session, with its person, time, place and outcome."""

    truth: pl.DataFrame
    zones: tuple[str, ...]
    site_zone: str


def business(seed: int, bookings: int = 5_000) -> Business:
    """Make up a business; `bookings` is about the number of rows."""
    rng = np.random.default_rng(seed)
    # As texts: `ZoneInfo` is kept by its key, and a key of NumPy's own kind would be met all over the process.
    zones = tuple(map(str, rng.permutation(ZONES)[: rng.integers(2, 4)]))
    sessions = _sessions(rng, zones, bookings)
    rows = _bookings(rng, sessions, bookings)
    truth = _outcomes(rng, rows)
    return Business(truth, zones, zones[0])


def _sessions(rng: np.random.Generator, zones: tuple[str, ...], bookings: int) -> pl.DataFrame:
    """Sessions over 37 weeks: those of single visits, and courses of eight weeks."""
    days, rows = 260, []
    services = [f"Service {letter}" for letter in "ABCDEF"[: rng.integers(3, 7)]]
    staff = [f"Person {number}" for number in range(rng.integers(3, 8))]
    for number in range(bookings // 9):
        place = int(rng.integers(len(zones)))
        day = FIRST + dt.timedelta(days=int(rng.integers(days)))
        rows.append((f"s{number}", place, day, None, rng.choice(services), rng.choice(staff)))
    for course in range(max(2, bookings // 700)):
        place, start = int(rng.integers(len(zones))), FIRST + dt.timedelta(days=int(rng.integers(days - 60)))
        name, who = f"Course {course}", rng.choice(staff)
        rows += [
            (f"c{course}-{week}", place, start + dt.timedelta(weeks=week), f"course{course}", name, who)
            for week in range(8)
        ]
    made = []
    for name, place, day, course, service, who in rows:
        hour = int(rng.choice([6, 7, 8, 10, 12, 17, 18, 19, 20, 21]))
        local = dt.datetime.combine(day, dt.time(hour), ZoneInfo(zones[place]))
        start = local.astimezone(dt.UTC).replace(tzinfo=None)
        made.append((name, course, f"Place {place}", zones[place], str(service), str(who), start, day))
    names = ("session", "course", "location", "zone", "service", "staff", "start", "local_date")
    return pl.DataFrame(made, schema=list(names), orient="row", infer_schema_length=None).with_columns(
        end=pl.col("start") + pl.duration(minutes=60)
    )


def _bookings(rng: np.random.Generator, sessions: pl.DataFrame, bookings: int) -> pl.DataFrame:
    """A row for each booking and session of it."""
    single = sessions.filter(pl.col("course").is_null())
    courses = sessions.filter(pl.col("course").is_not_null())["course"].unique().sort()
    visits = int(bookings * 0.85)
    booked = pl.DataFrame({"session": single["session"].gather(rng.integers(single.height, size=visits))})
    enrolled = pl.DataFrame({"course": courses.gather(rng.integers(courses.len(), size=bookings // 50))})
    total = visits + enrolled.height
    one = booked.with_columns(number=pl.int_range(visits)).join(sessions, on="session")
    many = enrolled.with_columns(number=pl.int_range(visits, total)).join(sessions, on="course")
    many = many.with_columns(pl.col("start").min().over("number").alias("begins"))
    one = one.with_columns(begins=pl.col("start"))
    rows = pl.concat([one, many.select(one.columns)])
    contacts = max(60, bookings // 14)
    lead_hours = rng.exponential(220, total) + 0.5
    is_cancelled = rng.random(total) < rng.uniform(0.06, 0.16)
    payments = rng.choice(["PAID", "NOT_PAID", "EXEMPT", ""], size=total, p=[0.72, 0.12, 0.1, 0.06])
    contact = rng.integers(contacts, size=total)
    each = pl.DataFrame(
        {
            "number": range(total),
            "booking": [str(uuid.UUID(bytes=rng.bytes(16), version=4)) for _ in range(total)],
            "contact": [None if who % 41 == 0 else f"contact{who}" for who in contact],
            "habit": rng.normal(0, 0.8, contacts)[contact],
            "payment": [text or None for text in payments],
            "party": np.where(rng.random(total) < 0.12, rng.integers(2, 5, total), 1),
            "weight": np.where(rng.random(total) < 0.01, rng.integers(2, 6, total), 1),
            "lead": lead_hours,
            "is_cancelled": is_cancelled,
            "by_business": is_cancelled & (rng.random(total) < 0.1),
            # The share of the time between booking and start that had passed when it was cancelled.
            "gone": rng.beta(3, 1, total),
        }
    )
    rows = rows.join(each, on="number").sort("number", "start")
    created = pl.col("begins") - pl.duration(minutes=(pl.col("lead") * 60).cast(pl.Int64))
    rows = rows.with_columns(created=created).with_columns(
        canceled=pl.when("is_cancelled").then(
            pl.col("created")
            + pl.duration(
                minutes=((pl.col("begins") - pl.col("created")).dt.total_minutes() * pl.col("gone")).cast(pl.Int64)
            )
        )
    )
    # Some leave a course in the middle of it.
    leaves = pl.col("course").is_not_null() & pl.col("is_cancelled")
    rows = rows.with_columns(
        canceled=pl.when(leaves).then(pl.col("begins") + pl.duration(days=20)).otherwise("canceled")
    )
    return rows.with_columns(
        has_left=leaves & (pl.col("start") < pl.col("canceled")),
        file=_file(rng),
        place_in_booking=pl.int_range(1, pl.len() + 1).over("number"),
    )


def _file(rng: np.random.Generator) -> pl.Expr:
    """The load of a booking: its files are of quarters of the year, or of these and places."""
    quarter = pl.col("begins").dt.quarter().cast(pl.Int64)
    return quarter if rng.random() < 0.5 else quarter + 10 * pl.col("location").str.slice(6).cast(pl.Int64)


def _outcomes(rng: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    """The outcome of each row: attended, missed, excused or null, and how many came; the load of the mark."""
    count = rows.height
    shock = dict(zip(rows["session"].unique(maintain_order=True), rng.normal(0, 0.4, count), strict=False))
    sloppy = {who: rng.uniform(0.0, 0.25) for who in rows["staff"].unique(maintain_order=True)}
    logits = -2.1 + rows["habit"].to_numpy() + np.array([shock[each] for each in rows["session"]])
    missed = rng.random(count) < 1 / (1 + np.exp(-logits))
    excused = rng.random(count) < rng.uniform(0.01, 0.03)
    unmarked = rng.random(count) < np.array([sloppy[who] for who in rows["staff"]])
    outcome = np.where(excused, "excused", np.where(missed, "missed", "attended"))
    party = rows["party"].to_numpy()
    part = np.where((party > 1) & (rng.random(count) < 0.3), rng.integers(1, 5, count), party)
    came = np.where(rng.random(count) < 0.02, party + 1, np.minimum(part, party))
    truth = rows.with_columns(
        outcome=pl.Series(outcome).set(pl.Series(unmarked), None),
        came=pl.when(pl.Series(outcome) == "attended").then(pl.Series(came)).otherwise(0),
        is_confirmed=~pl.col("is_cancelled") | pl.col("has_left"),
        marks_file=pl.lit(50) + pl.col("start").dt.quarter().cast(pl.Int64),
    )
    # Of the sessions to come nearly none is marked.
    future = pl.col("start") > AS_OF.replace(tzinfo=None)
    early = pl.Series(rng.random(count) < 0.1)
    marked = pl.col("is_confirmed") & (~future | early)
    return truth.with_columns(outcome=pl.when(marked).then("outcome"))


def load(con: duckdb.DuckDBPyConnection, made: Business) -> None:
    """Put the records of a business into empty tables."""
    truth = made.truth
    con.execute("update site set time_zone = $zone", {"zone": made.site_zone})
    con.register("truth", truth.to_arrow())
    con.execute(_SESSIONS)
    con.execute(_BOOKINGS)
    con.execute(_MARKS)
    con.execute(_FILES)
    con.unregister("truth")


_SESSIONS = """
insert into session by name
select distinct session as id, id_of_name('service', service)::uuid as service_id, service as service_name,
    course as schedule_id, start as starts_at, "end" as ends_at, zone as time_zone,
    lower(location) as location_id, location as location_name, lower(staff) as staff_id, staff as staff_name,
    'CONFIRMED' as status, 1 as load_id
from truth
"""
_BOOKINGS = """
insert into booking by name
select distinct on (booking) booking::uuid as id, case when is_cancelled then 'CANCELED' else 'CONFIRMED' end as status,
    case when course is null then 'slot' else 'schedule' end as booked_entity, course as schedule_id,
    case when course is null then session end as event_id, case when course is null then session end as session_key,
    party as participants, contact as contact_id, payment as payment_status, created as created_at,
    canceled as canceled_at, case when by_business then 'BUSINESS' when is_cancelled then 'CUSTOMER' end as canceled_by,
    weight, file as load_id
from truth
"""
_MARKS = """
insert into attendance by name
select md5(booking || session)::uuid as id, booking::uuid as booking_id, session as event_id, session as session_key,
    case outcome when 'attended' then 'ATTENDED' when 'missed' then 'NOT_ATTENDED' else 'NOT_SET' end as status,
    came as number_of_attendees, outcome = 'excused' as excused, marks_file as load_id
from truth
where outcome is not null
"""
_FILES = """
insert into load_ledger by name
select distinct number as load_id, 'file-' || number || '.csv' as file, 'booking' as kind, '' as sha256,
    '' as treatment, 0 as bytes, 0 as read, 0 as loaded, 0 as unchanged, 0 as duplicate, 0 as stale, 0 as quarantined,
    now()::timestamp as started_at, now()::timestamp as finished_at, '' as noshow_version
from (select file as number from truth union select marks_file from truth)
"""
