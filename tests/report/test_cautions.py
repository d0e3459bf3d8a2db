"""Cautions above the number: records that ended long ago, and sums without days of the week."""

from __future__ import annotations

import datetime as dt
import re
from itertools import product

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.simulated_cells import medical

from queries.gathered import Period
from reports.sections.number.cautions import OLD, SUMS, Records, cautions_of
from reports.sections.over_time.weeks_and_months import partial_periods

SETTLED = dt.date(2026, 3, 1)
FIRSTS = [dt.date(2025, month, 1) for month in range(1, 13)]
DAYS = [dt.date(2026, 2, day) for day in range(1, 28)]


def kinds() -> list[Records]:
    sums = ((0, 0), (4, 90), (90, 90))
    days = ([], FIRSTS, DAYS, FIRSTS[:1])
    return [Records(each, SETTLED, chosen, *summed) for each, chosen, summed in product(days, (0, 1), sums)]


@pytest.mark.parametrize("rows", [OLD, SUMS])
def test_of_each_question_one_sentence_is_true_and_each_has_its_time(rows: object) -> None:
    true = [[row.is_true(each) for row in rows] for each in kinds()]  # type: ignore[attr-defined]
    assert [sum(each) for each in true] == [1] * len(true)
    assert all(any(column) for column in zip(*true, strict=True))


def test_records_that_ended_long_ago_are_no_news_of_this_week() -> None:
    last = {days[-1]: cautions_of(Records(days, SETTLED)) for days in (DAYS, [*DAYS, SETTLED], FIRSTS[:2])}
    assert [plain(" ".join(said)) for said in last.values()] == ["", "", "No records since 1 February 2025."]
    old = build.dated("day", (dt.date(2026, 1, 12), build.counts(90, 10)))
    page = plain(draw(report(day=old)))
    assert page.index("<strong>No records since 12 January 2026.</strong>") < page.index('<h2 id="number">')
    # Whoever asks for a period knows when it ended.
    asked = {"period": Period(dt.date(2026, 1, 1), dt.date(2026, 1, 31))}
    assert report(asked, day=old).cautions == ()


def test_monthly_totals_have_no_days_of_the_week_and_no_partial_month() -> None:
    by_day = build.dated("day", *((day, build.counts(90, 10)) for day in FIRSTS))
    assert partial_periods(by_day, "month", SETTLED) == {}
    sums = build.rows("regimes", {"marks": "both", "bookings": 1200, "summed_bookings": 1200})
    cells, overall = medical(1).cells, build.rates([({}, build.counts(20_000 - 3_584, 3_584))], {})
    totals, daily = (
        report(day=days, regimes=sums, cells=cells, overall=overall)
        for days in (by_day, build.dated("day", *((day, build.counts(90, 10)) for day in DAYS)))
    )
    assert "All records are monthly totals, so the day of the week is unknown." in totals.cautions
    # December's totals are dated the first, and are of all of December.
    assert totals.subtitle.startswith("Sessions from January 2025 to December 2025,")
    assert plain(daily.subtitle).startswith("Sessions from 1 February 2026 to 27 February 2026,")
    assert "No records after December 2025." in totals.cautions
    said = [[door.finding for door in made.doors if door.title == "When"] for made in (totals, daily)]
    assert ["weekday" in " ".join(each) for each in said] == [False, True]


def test_nothing_is_said_of_the_weekdays_of_monthly_totals() -> None:
    by_day = build.dated("day", *((day, build.counts(90, 10)) for day in FIRSTS))
    daily = build.dated("day", *((day, build.counts(90, 10)) for day in DAYS))
    counted = build.named("series", ("Yoga, Mon, South", build.counts(900, 100)))
    start = {
        "local_start": dt.datetime.fromisoformat("2025-12-01"),
        "all_sessions": 1,
        "session_id": "one",
        "service": "Yoga",
    }
    given = {"series": counted, "cells": medical(1).cells, "sessions": build.rows("sessions", start)}
    # A Monday is named for days that are days, in the grid, the series, the factors and the sessions.
    days = re.compile(r"\bMon(?:days)?\b")
    seen = [re.findall(days, draw(report(day=each, **given))) for each in (by_day, daily)]
    assert seen[0] == []
    assert len(seen[1]) > 2


def test_dates_of_one_weekday_have_no_grid() -> None:
    one, two = ([(day, 0, build.counts(90, 10)) for day in days] for days in ((1,), (1, 3)))
    grids = [report(grid=build.grid(*each)).when.grid for each in (one, two)]
    assert [grid is None for grid in grids] == [True, False]
