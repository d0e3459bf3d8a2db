"""The weekly course: gaps stay gaps, partial weeks are marked, the words say what is there."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from support import report_frames as build

from reports.drawing.charts import NARROW, WIDE
from reports.scope.options import Policy
from reports.sections.over_time.chart import course_chart
from reports.sections.over_time.content import course_of
from reports.sections.over_time.course import Course

MONDAY = dt.date(2026, 1, 5)
LATER = dt.date(2026, 6, 1)


def day(week: int, weekday: int) -> dt.date:
    return MONDAY + dt.timedelta(weeks=week, days=weekday)


@pytest.fixture
def course() -> Any:
    """A course of weeks (number → attended, no-shows), their sessions on Tuesdays and Fridays unless said otherwise."""

    def make(weeks: dict[int, tuple[int, int]], days: list[dt.date] | None = None, settled: dt.date = LATER) -> Course:
        every = days or [day(week, weekday) for week in weeks for weekday in (1, 4)]
        by_week = build.dated("week", *((day(week, 0), build.counts(*row)) for week, row in weeks.items()))
        by_day = build.dated("day", *((date, build.counts(1, 0)) for date in every))
        by = {"week": by_week, "month": build.dated("month"), "day": by_day}
        return course_of(by, 0.2, settled, 10)

    return make


def test_a_week_without_bookings_or_with_too_few_is_a_gap(course: Any) -> None:
    made = course({0: (8, 2), 1: (4, 4), 3: (16, 4)})
    assert [(point.start, point.rate, point.run) for point in made.points] == [
        (day(0, 0), 0.2, 0),
        (day(1, 0), None, 0),
        (day(2, 0), None, 1),
        (day(3, 0), 0.2, 2),
    ]
    assert (made.gaps or "").replace("\u00a0", " ") == "2 weeks with fewer than 10 marked bookings left as a gap."


def test_weeks_are_partial_where_days_others_have_are_missing(course: Any) -> None:
    whole = course({0: (8, 2), 1: (8, 2), 2: (8, 2)})
    assert whole.partial == ()
    cut = course({0: (8, 2), 1: (8, 2), 2: (8, 2)}, days=[day(0, 4), day(1, 1), day(1, 4), day(2, 1)])
    assert [text.replace("\u00a0", " ") for text in cut.partial] == [
        "2026-W02: records begin on 9 Jan 2026",
        "2026-W04: records end on 20 Jan 2026",
    ]


def test_the_last_week_is_partial_until_all_of_it_is_due(course: Any) -> None:
    assert course({0: (8, 2), 1: (8, 2)}, settled=day(1, 6)).partial == (
        "2026-W03: not every session of it is due yet",
    )
    assert course({0: (8, 2), 1: (8, 2)}, settled=day(2, 0)).partial == ()


def test_the_summary_names_the_lowest_and_the_highest_week(course: Any) -> None:
    assert course({0: (18, 2), 1: (8, 2), 2: (6, 4)}).summary.replace("\u00a0", " ") == (
        "Over 3 weeks the rate lay between 10.0 % (2 of 20, 2026-W02) and 40.0 % (4 of 10, 2026-W04); "
        "overall it is 20.0 %."
    )


def test_one_week_and_none_make_no_chart(course: Any) -> None:
    one = course({0: (8, 2)})
    assert one.summary.startswith("One week only")
    assert course_chart(one, WIDE) is None
    none = course({})
    assert none.summary == "No week has a due booking yet."
    assert course_chart(none, WIDE) is None


def test_weeks_of_cancellations_only_do_not_stretch_the_course() -> None:
    by_week = build.dated("week", (MONDAY, build.counts(8, 2)), (day(9, 0), build.counts(0, 0, cancelled_bookings=3)))
    by_day = build.dated("day", (MONDAY, build.counts(8, 2)))
    by = {"week": by_week, "month": build.dated("month"), "day": by_day}
    assert len(course_of(by, 0.2, LATER, 10).points) == 1


def test_the_chart_takes_its_colours_from_the_page_and_breaks_at_gaps(course: Any) -> None:
    svg = course_chart(course({0: (8, 2), 1: (8, 2), 3: (16, 4), 4: (8, 2), 6: (9, 1)}), WIDE)
    assert svg is not None
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
    names = ("accent", "band", "muted", "line", "paper", "warn", "quiet")
    assert colours <= {"none", "transparent", "url(#course-wide-hatch)", *(f"var(--{name})" for name in names)}
    lines = re.findall(r'<path d="(M[^"]*)" stroke="var\(--accent\)" stroke-width="1.8"', svg)
    assert len(lines) == 3
    assert " style=" not in svg
    assert "http" not in svg


def test_marks_say_what_they_are_when_pointed_at(course: Any) -> None:
    svg = course_chart(course({0: (8, 2), 1: (16, 4)}), WIDE)
    assert svg is not None
    assert "<title>2026-W02: 20.0\u00a0%, 2 of 10</title>" in svg


def test_partial_periods_are_hatched(course: Any) -> None:
    made = course({0: (8, 2), 1: (8, 2)}, settled=day(1, 6))
    svg = course_chart(made, WIDE)
    assert svg is not None
    assert svg.count('fill="url(#course-wide-hatch)"') == 1
    assert svg.count('id="course-wide-hatch"') == 1


def test_a_change_that_is_clear_is_found_and_dated(course: Any) -> None:
    weeks = {week: (90, 10) if week < 20 else (76, 24) for week in range(40)}
    made = course(weeks)
    assert made.since == day(20, 0)
    assert made.change is not None
    assert made.change.replace("\u00a0", " ") == (
        "rose from 10.0 % (200 of 2,000) to 24.0 % (480 of 2,000) since the week of 25 May 2026"
    )
    assert made.verdict.replace("\u00a0", " ") == (
        "2 runs of eight or more weeks on one side of the centre, the last of them above it from 2026-W22 to 2026-W41."
    )


def test_an_even_course_has_no_change_and_says_so(course: Any) -> None:
    made = course({week: (89 + week % 3, 11 - week % 3) for week in range(30)})
    assert (made.since, made.change) == (None, None)
    assert made.verdict == "No real change: every week is within the usual swing."


def test_under_twelve_weeks_there_is_no_verdict(course: Any) -> None:
    made = course({week: (100, 0 if week < 5 else 90) for week in range(11)})
    assert not made.has_verdict
    assert made.change is None
    assert made.verdict.startswith("Too few weeks to distinguish")
    assert all(point.signal is None for point in made.points)


def test_months_take_the_place_of_weeks_with_too_few() -> None:
    weeks = [(day(week, 0), build.counts(4, 1)) for week in range(20)]
    months = [(dt.date(2026, month, 1), build.counts(16, 4)) for month in range(1, 6)]
    by = {
        "week": build.dated("week", *weeks),
        "month": build.dated("month", *months),
        "day": build.dated("day", *weeks),
    }
    made = course_of(by, 0.2, LATER, 10)
    assert (made.unit, [point.label for point in made.points][:2]) == ("month", ["January 2026", "February 2026"])


def test_a_policy_has_a_before_and_an_after() -> None:
    days = [(day(week, 1), build.counts(80, 20) if week < 6 else build.counts(95, 5)) for week in range(12)]
    by = {"week": build.dated("week"), "month": build.dated("month"), "day": build.dated("day", *days)}
    policies = (Policy(day(6, 0), "reminders"), Policy(dt.date(2030, 1, 1), "deposits"))
    first, second = course_of(by, 0.125, LATER, 10, policies).policies
    assert (first.before, first.after) == ("20.0\u00a0% (120 of 600)", "5.0\u00a0% (30 of 600)")
    assert first.verdict.replace("\u00a0", " ") == "Changed by −15.0 points (95 % interval −18.7 to −11.4 points)."
    assert second.after == "nothing marked"


def test_a_long_course_has_no_more_labels_than_fit(course: Any) -> None:
    svg = course_chart(course(dict.fromkeys(range(520), (16, 4))), NARROW)
    assert svg is not None
    assert 2 <= len(set(re.findall(r">(20\d\d)<", svg))) <= NARROW.ticks


def test_runs_on_one_side_are_told_apart(course: Any) -> None:
    low, high = (92, 8), (80, 20)
    made = course(dict(enumerate([low] * 8 + [high] * 4 + [low] * 9)))
    assert "2 runs of eight or more weeks" in made.verdict.replace("\u00a0", " ")
    assert made.verdict.endswith("the last of them below it from 2026-W14 to 2026-W22.")
