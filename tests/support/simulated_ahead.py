"""Made-up businesses with a known truth: past bookings with outcomes, and bookings ahead whose outcomes are known too.

The rows stand in a database in memory as the table `known_roster`, so that a sample costs no loading.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache

import duckdb
import numpy as np
import polars as pl

import pipeline
from pipeline.store.opening import make_all

FIRST = dt.datetime.fromisoformat("2024-01-01")
LEAD_DAYS = np.array([0, 1, 4, 10, 18, 25, 40])
# Log odds of a booking so far ahead.
LEAD_EFFECTS = np.array([-0.6, -0.3, 0.0, 0.2, 0.3, 0.4, 0.5])


@dataclass(frozen=True)
class Truth:
    """How no-shows come about: log odds at a base, with spreads (standard deviations) of effects.

    `persons` and `sessions` are effects of a contact and of a session; nobody could know the latter beforehand.
    """

    base: float = -2.0
    services: float = 0.4
    leads: float = 1.0
    hours: float = 0.0
    persons: float = 0.0
    sessions: float = 0.0
    attribute: float = 0.0


@dataclass(frozen=True)
class Sample:
    """The rows of a sample, its moment, and by booking the true chance and the outcome, of the past and ahead."""

    rows: pl.DataFrame
    as_of: dt.datetime
    is_past: np.ndarray
    chance: np.ndarray
    missed: np.ndarray


def sample(
    rng: np.random.Generator,
    truth: Truth,
    *,
    services: int = 4,
    weeks: int = 52,
    weeks_ahead: int = 1,
    a_week: int = 5,
    size: int = 8,
    contacts: int = 150,
) -> Sample:
    """Each service has `a_week` sessions a week of about `size` bookings, drawn from `contacts`."""
    number = services * (weeks + weeks_ahead) * a_week
    service = np.repeat(np.arange(services), (weeks + weeks_ahead) * a_week)
    slot = np.tile(np.arange((weeks + weeks_ahead) * a_week), services)
    week, day = slot // a_week, slot % a_week
    hour = np.array([7, 9, 12, 17, 19, 20, 21])[(service + day) % 7]
    start = (
        np.array(FIRST, dtype="datetime64[us]")
        + (week * 7 + day).astype("timedelta64[D]")
        + hour.astype("timedelta64[h]")
    )
    booked = 1 + rng.poisson(size - 1, number)
    session = np.repeat(np.arange(number), booked)
    n = len(session)
    contact = (contacts * rng.random(n) ** 1.5).astype(int)
    lead = rng.integers(0, len(LEAD_DAYS), n)
    reminded = rng.random(n) < 0.5
    log_odds = (
        truth.base
        + truth.services * rng.standard_normal(services)[service[session]]
        + truth.leads * LEAD_EFFECTS[lead]
        + truth.hours * rng.standard_normal(24)[hour[session]]
        + truth.persons * rng.standard_normal(contacts)[contact]
        + truth.attribute * (reminded - 0.5)
    )
    chance = 1 / (1 + np.exp(-log_odds))
    shocked = log_odds + truth.sessions * rng.standard_normal(number)[session]
    missed = rng.random(n) < 1 / (1 + np.exp(-shocked))
    as_of = FIRST + dt.timedelta(weeks=weeks)
    starts = start[session]
    is_past = starts < np.datetime64(as_of)
    rows = pl.DataFrame(
        {
            "booking_id": [f"00000000-0000-0000-0000-{at:012x}" for at in range(n)],
            "session_id": [f"s{at}" for at in session],
            "service_id": [f"00000000-0000-0000-0001-{at:012x}" for at in service[session]],
            "service": [f"Service {at}" for at in service[session]],
            "service_type": "CLASS",
            "series_id": [f"{a}/{b}" for a, b in zip(service[session], day[session], strict=True)],
            "location_id": "l1",
            "location": "Harbour",
            "staff_id": [f"t{at % 3}" for at in service[session]],
            "staff": [f"Teacher {at % 3}" for at in service[session]],
            "participant_id": [f"c{at}" for at in contact],
            "starts_at": starts,
            "ends_at": starts + np.timedelta64(1, "h"),
            "due_at": starts + np.timedelta64(25, "h"),
            "local_start": starts,
            "time_zone": "UTC",
            # All of them are known at the moment of the sample, however far ahead.
            "created_at": np.minimum(starts - LEAD_DAYS[lead].astype("timedelta64[D]"), np.datetime64(as_of)),
            "lead_days": LEAD_DAYS[lead],
            "booking_status": "CONFIRMED",
            "session_status": "CONFIRMED",
            "place": "confirmed",
            "outcome": np.where(is_past, np.where(missed, "not_attended", "attended"), "unmarked"),
            "attendance_status": np.where(is_past, np.where(missed, "NOT_ATTENDED", "ATTENDED"), None),
            "number_of_attendees": 1,
            "booked": 1,
            "capacity": 2 * size,
            "marks": "both",
            "weight": 1,
            "attributes": np.where(reminded, '{"reminder":true}', '{"reminder":false}'),
        }
    )
    return Sample(rows, as_of, is_past, chance, missed)


@cache
def _empty() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("set TimeZone = 'UTC'")
    make_all(con, pipeline.Settings.model_validate({}))
    con.execute("create table kept as from known_roster limit 0; drop view known_roster")
    con.execute("alter table kept rename to known_roster")
    return con


@contextmanager
def database(rows: pl.DataFrame) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with those rows as its stored roster; it is the same one each time."""
    con = _empty()
    con.register("made", rows)
    con.execute("insert into known_roster by name select * from made")
    con.unregister("made")
    try:
        yield con
    finally:
        con.execute("delete from known_roster; delete from internal.risk_model; delete from internal.risk_weight")
