"""The weekly course: gaps stay gaps, partial weeks are marked, the words say what is there."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest

from reports.charts import NARROW, WIDE, weekly_chart
from reports.weekly import WeeklyCourse, weekly_course

MONDAY = dt.date(2026, 1, 5)
LATER = dt.date(2026, 6, 1)


def day(week: int, weekday: int) -> dt.date:
    return MONDAY + dt.timedelta(weeks=week, days=weekday)


@pytest.fixture
def course(build: Any) -> Any:
    """A course of weeks (number → attended, no-shows), their sessions on Tuesdays and Fridays unless said otherwise."""

    def make(
        weeks: dict[int, tuple[int, int]], days: list[dt.date] | None = None, settled: dt.date = LATER
    ) -> WeeklyCourse:
        every = days or [day(week, weekday) for week in weeks for weekday in (1, 4)]
        by_week = build.dated("week", *((day(week, 0), build.counts(*row)) for week, row in weeks.items()))
        by_day = build.dated("day", *((date, build.counts(1, 0)) for date in every))
        return weekly_course(by_week, by_day, 0.2, settled, 10)

    return make


def test_a_week_without_bookings_or_with_too_few_is_a_gap(course: Any) -> None:
    made = course({0: (8, 2), 1: (4, 4), 3: (16, 4)})
    assert [(week.monday, week.rate, week.run) for week in made.weeks] == [
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
        "Over 3 weeks the weekly rate lay between 10.0 % (2 of 20, week of 5 Jan 2026) and "
        "40.0 % (4 of 10, week of 19 Jan 2026); overall it is 20.0 %."
    )


def test_one_week_and_none_make_no_chart(course: Any) -> None:
    one = course({0: (8, 2)})
    assert one.summary.startswith("One week only")
    assert weekly_chart(one, WIDE) is None
    none = course({})
    assert none.summary == "No week has a due booking yet."
    assert weekly_chart(none, WIDE) is None


def test_weeks_of_cancellations_only_do_not_stretch_the_course(build: Any) -> None:
    by_week = build.dated("week", (MONDAY, build.counts(8, 2)), (day(9, 0), build.counts(0, 0, cancelled_bookings=3)))
    by_day = build.dated("day", (MONDAY, build.counts(8, 2)))
    assert len(weekly_course(by_week, by_day, 0.2, LATER, 10).weeks) == 1


def test_the_chart_takes_its_colours_from_the_page_and_breaks_at_gaps(course: Any) -> None:
    svg = weekly_chart(course({0: (8, 2), 1: (8, 2), 3: (16, 4), 4: (8, 2), 6: (9, 1)}), WIDE)
    assert svg is not None
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
    assert colours <= {"none", "var(--accent)", "var(--band)", "var(--muted)", "var(--line)", "var(--paper)"}
    lines = re.search(r'<g class="[^"]*mark-group role-scope layer_3_pathgroup"(.*?)layer_4', svg, re.DOTALL)
    assert lines is not None
    assert len(re.findall(r'stroke="var\(--accent\)"', lines[1])) == 3
    assert " style=" not in svg
    assert "http" not in svg


def test_a_long_course_has_no_more_labels_than_fit(course: Any) -> None:
    svg = weekly_chart(course(dict.fromkeys(range(520), (16, 4))), NARROW)
    assert svg is not None
    assert 2 <= len(set(re.findall(r">(20\d\d)<", svg))) <= NARROW.ticks
