"""Reports of a business whose regulars come and go: every comparison over time takes the people's own bookings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import astuple
from typing import Any

import numpy as np
import polars as pl
import pytest
from support.people_over_time import WEEKS, People, clustering_over, people

import pipeline
import reports
from pipeline.store.content_state import tracked
from queries.measures.comparison import Difference
from queries.measures.differences import difference_between, policy_verdict
from reports.report import Report
from reports.scope.options import Options, Policy

MONDAY = dt.date(2024, 1, 1)
AS_OF = "2024-12-31T00:00:00Z"
# A person books once a week, each in a session of their own; the first PLACES / 2 at the Harbour, the others elsewhere.
PLACES = 40
ROWS = """
    create temp table rows as
    select
        week || '/' || place as key, $monday + to_days((7 * week)::integer) + interval 18 hour as starts_at,
        case when place < $half then 'Harbour' else 'Old Town' end as location, contact, missed
    from bookings
"""
LOAD = """
    insert into booking (
        id, status, booked_entity, service_type, service_name, event_id, session_key, starts_at, ends_at, time_zone,
        location_id, location_name, contact_id, participants, created_at, load_id
    )
    select
        md5(key)::uuid, 'CONFIRMED', 'slot', 'CLASS', 'Yoga', key, key, starts_at, starts_at + interval 1 hour, 'UTC',
        location, location, contact, 1, starts_at - interval 3 day, 1
    from rows;
    insert into attendance (id, booking_id, event_id, session_key, status, number_of_attendees, load_id)
    select
        md5('a' || key)::uuid, md5(key)::uuid, key, key, case when missed then 'NOT_ATTENDED' else 'ATTENDED' end, 1, 1
    from rows
"""


def monday(week: int) -> dt.date:
    return MONDAY + dt.timedelta(weeks=week)


@pytest.fixture(scope="module")
def made() -> People:
    return people(np.random.default_rng(8), PLACES, 2.0, 0.05)


@pytest.fixture(scope="module")
def con(made: People, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    bookings = pl.DataFrame(
        {
            "week": np.repeat(np.arange(WEEKS), PLACES),
            "place": np.tile(np.arange(PLACES), WEEKS),
            "contact": made.person.ravel().astype(str),
            "missed": made.missed.ravel(),
        }
    )
    db = tmp_path_factory.mktemp("periods") / "a.duckdb"
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        store.connection.register("bookings", bookings)
        store.connection.execute(ROWS, {"monday": MONDAY, "half": PLACES // 2})
        with store.transaction(), tracked(store.connection, "booking"), tracked(store.connection, "attendance"):
            store.connection.execute(LOAD)
        yield store.connection


@pytest.fixture(scope="module")
def report(con: Any) -> Report:
    policy = Policy(monday(20), "deposit", "location", ("harbour",))
    return reports.the_report(con, as_of=AS_OF, options=Options(policies=(policy,)))


def test_a_change_over_weeks_takes_the_halves_of_the_time(report: Report, made: People) -> None:
    alike = made.between(*clustering_over(made), slice(0, WEEKS // 2), slice(WEEKS // 2, WEEKS))
    assert alike.contacts > 1.3
    assert report.over_time.design_effect == pytest.approx(alike.contacts, rel=1e-12)


def test_the_last_four_weeks_are_compared_with_those_before_by_the_people_of_both(report: Report, made: People) -> None:
    effect = made.between(*clustering_over(made), slice(44, 48), slice(48, 52)).contacts
    require_same(report.change.difference, made, slice(48, 52), slice(44, 48), effect)


def test_a_policy_is_compared_by_the_people_of_its_groups_and_of_its_controls(report: Report, made: People) -> None:
    alike = clustering_over(made)
    before, after = slice(0, 20), slice(20, WEEKS)
    groups = [
        People(made.person[:, places], made.missed[:, places])
        for places in (slice(0, PLACES // 2), slice(PLACES // 2, PLACES))
    ]
    effects = [each.between(*alike, before, after).contacts for each in groups]
    assert min(effects) > 1.1
    sides = [
        (each.rated(after, effect), each.rated(before, effect)) for each, effect in zip(groups, effects, strict=True)
    ]
    (found,) = report.over_time.policies
    expected = policy_verdict(*sides[0], sides[1])
    assert found.difference.answer == expected.answer
    assert expected.difference is not None
    assert astuple(found.difference.difference) == pytest.approx(astuple(expected.difference), rel=1e-9)


@pytest.mark.long
def test_a_period_is_compared_with_the_one_before_by_the_people_of_both(con: Any, made: People) -> None:
    now, before = slice(32, 52), slice(12, 32)
    both = People(made.person[12:52], made.missed[12:52])
    effect = both.between(*clustering_over(both), slice(0, 20), slice(20, 40)).contacts
    assert effect > 1.1
    dates = {"first": monday(32), "last": monday(52) - dt.timedelta(days=1)}
    require_same(reports.the_report(con, as_of=AS_OF, **dates).change.difference, made, now, before, effect)


@pytest.mark.long
def test_a_shared_report_has_an_interval_at_least_as_wide(con: Any) -> None:
    """Counts go to the nearest 5, design effects up to the next tenth."""
    dates: dict[str, Any] = {"first": monday(32), "last": monday(52) - dt.timedelta(days=1)}
    widths = []
    for share in (False, True):
        report = reports.the_report(con, as_of=AS_OF, **dates, options=Options(share=share))
        widths.append(report.change.difference.high - report.change.difference.low)
    assert widths[0] < widths[1] < 1.2 * widths[0]


def require_same(difference: Difference, made: People, now: slice, before: slice, effect: float) -> None:
    expected = difference_between(made.rated(now, effect), made.rated(before, effect)).difference
    assert expected is not None
    assert astuple(difference) == pytest.approx(astuple(expected), rel=1e-9)
