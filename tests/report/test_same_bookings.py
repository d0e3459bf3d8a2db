"""A series that is all of a service, week after week, has the verdict on that service."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from support import report_frames as build

from queries.measures.group_verdicts import GroupVerdict
from queries.measures.standardised import Standardised
from reports.sections.where.like_for_like import like_for_like_of
from reports.sections.where.nesting import Standout, is_judged_otherwise
from reports.sections.where.same_bookings import with_one_verdict

ALIKE = Standardised("service", "pottery", 250, 1385, 300.0, 0.83, 0.73, 0.95, 0.001, 0.014, 0.8, True, 1.41, 0.0001)
SERVICE = GroupVerdict(
    "service", "pottery", "found", "fewer", 250, 1385, 3300, 23000, 4.0, True, None, False, 0.03, ALIKE
)
SERIES = replace(SERVICE, family="series", key="wed", side="more", like_for_like=None)


def _weeks(family: str, key: str, missed: int) -> list[dict[str, object]]:
    return [
        {
            "family": family,
            f"{family}_id": key,
            "week": dt.date(2026, 1, 5) + dt.timedelta(weeks=week),
            "rated_bookings": 10,
            "missed_bookings": missed + week % 2,
            "session_squares": 30 + week,
        }
        for week in range(4)
    ]


@pytest.mark.parametrize(("missed", "side"), [(3, "fewer"), (2, "more")], ids=["the same", "a part"])
def test_the_same_bookings_have_one_verdict(missed: int, side: str) -> None:
    weeks = build.rows("weeks", *_weeks("service", "pottery", 3), *_weeks("series", "wed", missed))
    found = with_one_verdict({("service", "pottery"): SERVICE, ("series", "wed"): SERIES}, weeks)
    assert found["service", "pottery"] == SERVICE
    assert (found["series", "wed"].side, found["series", "wed"].key) == (side, "wed")
    table = like_for_like_of(found, {("service", "pottery"): "Pottery", ("series", "wed"): "Pottery, Wed"})
    assert table is not None
    assert [row.name for row in table.rows] == ["Pottery"]


@pytest.mark.parametrize(
    ("course", "is_otherwise"),
    [(SERVICE, True), (replace(SERVICE, side="more"), False), (replace(SERVICE, missed=251), False), (SERIES, False)],
    ids=["fewer", "more", "other bookings", "not compared"],
)
def test_a_part_of_the_day_that_is_all_one_course_has_no_verdict_of_its_own(
    course: GroupVerdict, is_otherwise: bool
) -> None:
    part = replace(SERIES, family="daypart", key="evening|old-town")
    frames = {
        family: build.rows("weeks", *_weeks(family, key, 3))
        for family, key in (("service", "pottery"), ("series", "wed"))
    }
    evening = frames["service"].with_columns(daypart_id=pl.lit(part.key))
    histories = {**frames, "daypart": evening}
    standout = Standout("Evening sessions at Old Town", False, part)
    assert is_judged_otherwise(standout, [course], histories) == is_otherwise
