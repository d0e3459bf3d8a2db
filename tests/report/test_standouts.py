"""Groups that stand out are said once, however many ways there are to name the same bookings."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from support import report_frames as build

from queries.measures.clustering import INDEPENDENT
from queries.measures.group_verdicts import group_verdicts
from reports.sections.where.standouts import standouts_among

MONDAY = dt.date(2026, 1, 5)
WEEKS = range(20)
# Location, member of staff, hour, and the no-shows of 20 bookings a week.
Sessions = list[tuple[str, str, int, int]]


def found(sessions: Sessions) -> list[str]:
    """The phrases for the groups that are found to lose more."""
    by = {family: _counts(sessions, at, family) for at, family in enumerate(("location", "staff"))}
    weeks = build.rows("weeks", *(row for week in WEEKS for row in _week(sessions, week)))
    verdicts = group_verdicts(by, (), INDEPENDENT, 10)
    return [each.phrase for each in standouts_among(verdicts, by, weeks, INDEPENDENT, 10).found]


def _counts(sessions: Sessions, at: int, family: str) -> pl.DataFrame:
    missed: dict[str, list[int]] = {}
    for one in sessions:
        missed.setdefault((one[0], one[1])[at], []).append(one[3])
    groups = [
        (name, build.counts((20 * len(each) - sum(each)) * len(WEEKS), sum(each) * len(WEEKS)))
        for name, each in missed.items()
    ]
    keys = {f"{family}_id": pl.String, family: pl.String}
    return build.rates([({f"{family}_id": name, family: name}, each) for name, each in groups], keys)


def _week(sessions: Sessions, week: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for family in ("location", "staff", "daypart"):
        groups: dict[tuple[tuple[str, object], ...], Sessions] = {}
        for one in sessions:
            place, staff, hour, _ = one
            keys = {"location": {"location_id": place}, "staff": {"staff_id": staff}}
            keys["daypart"] = {"location_id": place, "location": place, "local_hour": hour}
            groups.setdefault(tuple(keys[family].items()), []).append(one)
        for key, mine in groups.items():
            booked, missed = 20 * len(mine), sum(one[3] for one in mine)
            rated = {"bookings": booked, "rated_bookings": booked, "missed_bookings": missed}
            # Sessions differ from week to week, as those of any business do.
            squares = {"session_squares": 20 * booked + week}
            rows.append({"family": family, "week": MONDAY + dt.timedelta(weeks=week)} | dict(key) | rated | squares)
    return rows


REST: Sessions = [("Riverside", "Bo", 9, 2), ("Riverside", "Cy", 18, 2)]


@pytest.mark.parametrize(
    ("harbour", "said"),
    [
        ([("Harbour", "Ana", 18, 8)], ["Harbour"]),
        ([("Harbour", "Ana", 0, 8)], ["Harbour"]),
        ([("Harbour", "Ana", 18, 9), ("Harbour", "Bo", 9, 2)], ["Evening sessions at Harbour"]),
        ([("Harbour", "Bo", 18, 8), ("Harbour", "Cy", 9, 8)], ["Harbour"]),
    ],
    ids=["the same bookings", "times not known", "one part of the day", "two parts of the day"],
)
def test_the_same_bookings_are_said_once(harbour: Sessions, said: list[str]) -> None:
    assert found([*harbour, *REST]) == said


# A service, its weekday, and the no-shows of 20 bookings a week; all in the evening, at one location with one leader.
Classes = list[tuple[str, str, int]]
OTHERS: Classes = [("Yoga", "Mon", 2), ("Yoga", "Tue", 2), ("Yoga", "Fri", 2)]


def named(classes: Classes) -> list[str]:
    """The phrases for the services and session series that are found to have more no-shows."""
    groups = [("service", name, [one for one in classes if one[0] == name]) for name in {one[0] for one in classes}]
    groups += [("series", f"{one[0]}, {one[1]}", [one]) for one in classes]
    by, weekly = {}, []
    for family in ("service", "series"):
        counted = [
            (name, 20 * len(mine), sum(one[2] for one in mine)) for of, name, mine in sorted(groups) if of == family
        ]
        keys = {f"{family}_id": pl.String, family: pl.String}
        totals = [
            ({f"{family}_id": name, family: name}, build.counts((booked - missed) * len(WEEKS), missed * len(WEEKS)))
            for name, booked, missed in counted
        ]
        by[family] = build.rates(totals, keys)
        for week in WEEKS:
            for name, booked, missed in counted:
                rated = {"bookings": booked, "rated_bookings": booked, "missed_bookings": missed}
                holders = {"service_id": name.split(",")[0], "location_id": "A", "staff_id": "B", "local_hour": 18}
                key = {f"{family}_id": name} | (holders if family == "series" else {})
                when = {"family": family, "week": MONDAY + dt.timedelta(weeks=week)}
                weekly.append(when | key | rated | {"session_squares": 20 * booked + week})
    weeks = build.rows("weeks", *weekly)
    verdicts = group_verdicts(by, (), INDEPENDENT, 10)
    return [each.phrase for each in standouts_among(verdicts, by, weeks, INDEPENDENT, 10).found]


@pytest.mark.parametrize(
    ("spinning", "said"),
    [
        ([("Spinning", "Mon", 8), ("Spinning", "Wed", 8)], ["Spinning"]),
        ([("Spinning", "Mon", 8)], ["Spinning"]),
        ([("Spinning", "Mon", 12), ("Spinning", "Wed", 2)], ["Spinning, Mon"]),
    ],
    ids=["two series of a service", "the same bookings", "one series that explains its service"],
)
def test_a_session_series_is_not_named_beside_the_service_that_holds_it(spinning: Classes, said: list[str]) -> None:
    assert named([*spinning, *OTHERS]) == said
