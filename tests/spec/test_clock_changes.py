"""Over a change of the clocks every booking is due once, at its instant, and belongs to one day and one hour."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest
from support.cases import Case
from support.samples import few

import queries

HALF_HOUR = dt.timedelta(minutes=30)
# The middle of a day with a change, in UTC: forward and back, by half an hour, at midnight, over a day that never was.
CHANGES = [
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("America/Santiago", "2026-04-05T03:00"),
    ("Pacific/Apia", "2011-12-30T10:00"),
    ("Europe/London", "2026-10-25T01:00"),
]


@pytest.mark.parametrize(("zone", "middle"), few(CHANGES, 2))
def test_every_moment_around_a_change_of_the_clocks_counts_once(case: Case, zone: str, middle: str) -> None:
    change = dt.datetime.fromisoformat(f"{middle}+00:00")
    starts = [change + number * HALF_HOUR for number in range(-8, 9)]
    case.given(
        site={"time_zone": zone, "grace_hours": 0},
        booking="booking | session | starts_at | ends_at | time_zone\n---+---+---+---+---\n"
        + "\n".join(
            f"b{n} | s{n} | {_utc(start)} | {_utc(start + HALF_HOUR)} | {zone}" for n, start in enumerate(starts)
        ),
    )
    local = [start.astimezone(ZoneInfo(zone)) for start in starts]
    assert _by(case, "day") == Counter(moment.date() for moment in local)
    assert _by(case, "local_hour") == Counter(moment.hour for moment in local)
    due = [queries.no_show_rates(case.con, (), as_of=start + HALF_HOUR)["bookings"].item() for start in starts[::4]]
    assert due == list(range(1, len(starts) + 1, 4))


def _utc(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _by(case: Case, grouping: str) -> dict[object, int]:
    rates = queries.no_show_rates(case.con, grouping, as_of="2027-01-01T00:00:00+00:00")
    return dict(zip(rates.to_series(0), rates["bookings"], strict=True))
