"""The weekly course: gaps stay gaps, partial weeks are marked, the words say what is there."""

from __future__ import annotations

import datetime as dt
import html
import re
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain

from queries.measures.between_periods import BetweenPeriods
from queries.measures.change_verdict import ChangeFound, ChangeNotFound, ChangeNotTested, ChangeVerdict
from queries.measures.comparison import Difference
from queries.measures.shapes import PARAMETERS
from reports.drawing.charts import NARROW, WIDE
from reports.scope.options import Policy
from reports.sections.over_time.change_words import SENTENCES, change_in_words
from reports.sections.over_time.chart import course_chart
from reports.sections.over_time.content import MOST_WEEKS, course_of
from reports.sections.over_time.course import MOST_DOTS, Course
from reports.sections.over_time.weeks_and_months import week_start

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
        "the week of 5 Jan 2026: records begin on 9 Jan 2026",
        "the week of 19 Jan 2026: records end on 20 Jan 2026",
    ]


def test_the_last_week_is_partial_until_all_of_it_is_due(course: Any) -> None:
    assert course({0: (8, 2), 1: (8, 2)}, settled=day(1, 6)).partial == (
        "the week of 12\u00a0Jan 2026: not every session of it is over yet",
    )
    assert course({0: (8, 2), 1: (8, 2)}, settled=day(2, 0)).partial == ()


def test_the_summary_names_the_lowest_and_the_highest_week(course: Any) -> None:
    assert course({0: (18, 2), 1: (8, 2), 2: (6, 4)}).summary.replace("\u00a0", " ") == (
        "Over 3 weeks the rate lay between 10.0 % (2 of 20, the week of 5 Jan 2026) and 40.0 % (4 of 10, the week "
        "of 19 Jan 2026); "
        "overall it is 20.0 %."
    )


def test_one_week_and_none_make_no_chart(course: Any) -> None:
    one = course({0: (8, 2)})
    assert one.summary.startswith("One week only")
    assert course_chart(one, WIDE) is None
    none = course({})
    assert none.summary == "No week has a past booking yet."
    assert course_chart(none, WIDE) is None


def test_weeks_of_cancellations_only_do_not_stretch_the_course() -> None:
    by_week = build.dated("week", (MONDAY, build.counts(8, 2)), (day(9, 0), build.counts(0, 0, cancelled_bookings=3)))
    by_day = build.dated("day", (MONDAY, build.counts(8, 2)))
    by = {"week": by_week, "month": build.dated("month"), "day": by_day}
    assert len(course_of(by, 0.2, LATER, 10).points) == 1


def lines_of(svg: str) -> list[str]:
    """The unbroken stretches of the course's line."""
    return re.findall(r'<path d="(M[^"]*)" stroke="var\(--accent\)" stroke-width="1.8"', svg)


def test_the_chart_takes_its_colours_from_the_page_and_breaks_at_gaps(course: Any) -> None:
    svg = course_chart(course({0: (8, 2), 1: (8, 2), 3: (16, 4), 4: (8, 2), 6: (9, 1)}), WIDE)
    assert svg is not None
    colours = set(re.findall(r'(?:fill|stroke)="([^"]*)"', svg))
    names = ("accent", "band", "muted", "line", "paper", "warn", "quiet")
    assert colours <= {"none", "transparent", "url(#course-wide-hatch)", *(f"var(--{name})" for name in names)}
    assert len(lines_of(svg)) == 3
    assert " style=" not in svg
    assert "http" not in svg


def test_a_long_gap_is_as_wide_as_one_period_and_its_year_is_labelled() -> None:
    """Courses of three months a year, over 25 years: each of the 24 gaps of nine months has the width of one."""
    months = [dt.date(year, month, 1) for year in range(2001, 2026) for month in (10, 11, 12)]
    rows = [(month, build.counts(16, 4)) for month in months]
    weeks = [(week_start(month), build.counts(16, 4)) for month in months]
    by = {"week": build.dated("week", *weeks), "month": build.dated("month", *rows), "day": build.dated("day", *rows)}
    made = course_of(by, 0.2, LATER, 10)
    svg = course_chart(made, WIDE)
    assert svg is not None
    assert len(made.points) == 25 * 12 - 9
    assert (
        plain(made.gaps or "") == "216 months with fewer than 10 marked bookings left as gaps, the long ones shortened."
    )
    first, second, *_ = (line.split("L") for line in lines_of(svg))
    step = float(first[1].split(",")[0]) - float(first[0].strip("M").split(",")[0])
    gap = float(second[0].strip("M").split(",")[0]) - float(first[-1].split(",")[0])
    assert gap == pytest.approx(2 * step, abs=0.01)
    years = [int(year) for year in re.findall(r">(20\d\d)<", svg)]
    assert years == sorted(years)
    assert len(years) > 4


def test_diamonds_are_periods_outside_the_limits_not_runs(course: Any) -> None:
    """A year of a rate that lies low and then high has runs, and no single week that stands out."""
    made = course({week: (92, 8) if week < 20 else (88, 12) for week in range(40)})
    assert {point.signal for point in made.points} == {"in a run below the centre", "in a run above the centre"}
    assert not made.has_signals
    assert "var(--warn)" not in (course_chart(made, WIDE) or "var(--warn)")
    high = course({week: (50, 50) if week == 20 else (90, 10) for week in range(40)})
    assert high.has_signals
    assert (course_chart(high, WIDE) or "").count("above the limits") == 1


def test_marks_say_what_they_are_when_pointed_at(course: Any) -> None:
    svg = course_chart(course({0: (8, 2), 1: (16, 4)}), WIDE)
    assert svg is not None
    assert "<title>Week of 5\u00a0Jan 2026: 20.0\u00a0%, 2 of 10</title>" in svg


def test_partial_periods_are_hatched(course: Any) -> None:
    made = course({0: (8, 2), 1: (8, 2)}, settled=day(1, 6))
    svg = course_chart(made, WIDE)
    assert svg is not None
    assert svg.count('fill="url(#course-wide-hatch)"') == 1
    assert svg.count('id="course-wide-hatch"') == 1


def test_a_step_is_found_and_dated_and_a_season_is_not_ruled_out(course: Any) -> None:
    made = course({week: (90, 10) if week < 20 else (76, 24) for week in range(40)})
    assert (made.change.answer, made.change.shape, made.change.first) == ("found", "step", 20)
    assert plain(made.change_in_words) == (
        "The rate rose from 10.0 % (200 of 2,000) to 24.0 % (480 of 2,000) since the week of 25 May 2026: +14.0 points "
        "(likely range +11.7 to +16.3 points). With less than two years of records, a yearly season would look the "
        "same."
    )
    assert plain(made.signals) == (
        "On the chart: 2 runs of eight or more weeks on one side of the average, the last of them above it from "
        "the week of 25 May 2026 to the week of 5 Oct 2026."
    )


def test_an_even_course_says_how_large_a_change_would_have_been_found(course: Any) -> None:
    made = course({week: (890 + week % 3, 110 - week % 3) for week in range(30)})
    assert plain(made.change_in_words) == (
        "No change of the rate was found. A lasting change of 1.5 points halfway through would have been found four "
        "times out of five."
    )
    few = course({week: (89 + week % 3, 11 - week % 3) for week in range(30)})
    assert plain(few.title) == "Too few bookings to say whether the rate changed by less than 5.4 points"
    assert made.signals == "On the chart every week is within the usual range."


def test_under_twelve_weeks_nothing_is_tested(course: Any) -> None:
    made = course({week: (100, 0 if week < 5 else 90) for week in range(11)})
    assert not made.has_verdict
    assert plain(made.change_in_words) == (
        "Whether the rate changed was not tested: that takes 12 weeks with a rate, and there are 11."
    )
    assert made.signals == ""
    assert all(point.signal is None for point in made.points)


def test_a_spell_has_its_first_and_last_day_and_a_trend_its_length(course: Any) -> None:
    spell = course({week: (76, 24) if 20 <= week < 26 else (90, 10) for week in range(40)})
    assert plain(spell.change_in_words).startswith(
        "The rate was higher for 6 weeks, from 25 May 2026 to 5 July 2026: 24.0 % (144 of 600), against 10.0 % (340 of "
        "3,400) before and after; +14.0 points ("
    )
    trend = course({week: (190 - week, 10 + week) for week in range(40)})
    assert plain(trend.change_in_words).startswith("The rate has risen steadily, from about ")
    assert "over 40 weeks: +" in plain(trend.change_in_words)


def test_with_two_years_a_season_is_allowed_for(course: Any) -> None:
    made = course({week: (90, 10) if week < 60 else (76, 24) for week in range(110)})
    assert made.change.has_season
    words = plain(made.change_in_words)
    assert words.startswith("The rate rose since the week of 1 March 2027 and has stayed higher: 24.0 % (1,200 of ")
    assert "less than two years" not in words


def test_the_design_effects_of_the_weeks_widen_what_is_found() -> None:
    weeks = [(day(week, 0), build.counts(90, 10) if week < 20 else build.counts(86, 14)) for week in range(40)]
    by = {"week": build.dated("week", *weeks), "month": build.dated("month"), "day": build.dated("day", *weeks)}
    assert course_of(by, 0.12, LATER, 10).change.answer == "found"
    # 100 bookings a week in one session: 1 + 0.03 (10,000 / 100 - 1) = 3.97.
    alike = {"halves": BetweenPeriods(session=0.03)}
    in_one_session = by | {"week": by["week"].with_columns(session_squares=pl.lit(10_000))}
    made = course_of(in_one_session, 0.12, LATER, 10, between=alike)
    assert (made.change.answer, made.design_effect) == ("not found", pytest.approx(3.97))
    assert course_of(by, 0.12, LATER, 10, between=alike).change.answer == "found"
    # Contacts who come and go.
    changing = course_of(by, 0.12, LATER, 10, between={"halves": BetweenPeriods(contacts=4.0)})
    assert (changing.change.answer, changing.design_effect) == ("not found", pytest.approx(4.0))
    # The chart compares weeks with those beside them: its limits widen with sessions only.
    limits = [(each.points[0].limit_high - each.overall) for each in (course_of(by, 0.12, LATER, 10), made, changing)]
    assert limits[1] == pytest.approx(limits[0] * 3.97**0.5)
    assert limits[2] == pytest.approx(limits[0])


def test_weeks_that_are_left_after_withholding_say_nothing_of_change() -> None:
    """Withheld are those with few no-shows: 20 of 20 weeks at 30 %, and those of 20 at 5 % that have the most."""
    weeks = [(day(week, 0), build.counts(70, 30) if week < 20 else build.counts(95, 5)) for week in range(40)]
    by = {"week": build.dated("week", *weeks), "month": build.dated("month"), "day": build.dated("day", *weeks)}
    assert course_of(by, 0.2, LATER, 10).change.answer == "found"
    few = pl.when(pl.col("missed_bookings") < 8).then(None).otherwise("missed_bookings")
    made = course_of(by | {"week": by["week"].with_columns(missed_bookings=few)}, 0.2, LATER, 10)
    assert made.change_in_words == "Whether the rate changed was not tested: weeks with few no-shows are withheld."
    assert made.signals == ""
    assert "Those with few no-shows are withheld" in made.summary
    # Months with all of their counts take their place.
    months = [(dt.date(2026, month, 1), build.counts(300, 60)) for month in range(1, 13)]
    by |= {"week": by["week"].with_columns(missed_bookings=few), "month": build.dated("month", *months)}
    monthly = course_of(by, 0.2, LATER, 10)
    assert (monthly.unit, monthly.change.answer) == ("month", "not found")


def verdicts() -> list[ChangeVerdict]:
    difference = Difference(0.1, 0.05, 0.15)
    found = [
        ChangeFound(shape, 2, 6, 0.1, 0.2, difference, (80, 8), (20, 4), has_season)
        for shape in PARAMETERS
        for has_season in (False, True)
    ]
    others = [
        ChangeNotFound(0.03, True, 0.12),
        ChangeNotFound(0.31, True, 0.15),
        ChangeNotFound(0.10, True, 0.15),
        ChangeNotTested("periods", 1),
        ChangeNotTested("outcomes", 20),
    ]
    others.append(ChangeNotTested("counts", 20))
    return [*found, *others]


def test_every_verdict_has_one_sentence_and_every_sentence_a_verdict() -> None:
    starts = [day(week, 0) for week in range(10)]
    said = [change_in_words(verdict, starts, "week") for verdict in verdicts()]
    assert len(set(said)) == len(SENTENCES)
    for verdict, sentence in zip(verdicts(), said, strict=True):
        assert "{" not in sentence
        unsure = verdict.answer == "found" and not verdict.has_season
        assert ("less than two years" in sentence) == unsure
        assert ("was not tested" in sentence) == (verdict.answer == "not tested")
        assert ("No change" in sentence) == (verdict.answer == "not found" and verdict.is_telling)


@pytest.mark.parametrize("to", [10, 13, 24])
def test_all_parts_of_a_report_say_the_same_of_change(to: int) -> None:
    """Over time, in short and the headline: the one sentence, and no other word of a rate that rose or did not."""
    weeks = [(day(week, 0), build.counts(90, 10) if week < 20 else build.counts(100 - to, to)) for week in range(40)]
    made = build.report(
        week=build.dated("week", *weeks),
        day=build.dated("day", *weeks),
        overall=build.rates([({}, build.counts(3600 - 20 * (to - 10), 400 + 20 * (to - 10)))], {}),
    )
    sentence = made.over_time.change_in_words
    assert sentence in made.in_short
    page = html.unescape(build.draw(made))
    assert page.count(sentence) >= 2
    title = made.over_time.title
    assert f'<h2 id="picture">{title}</h2>' in page
    rest = page.replace(sentence, "").replace(title, "")
    for claim in ("rose", "fell", "has risen", "has fallen", "no change", "No change", "No real"):
        assert re.search(rf"\b{claim}\b", rest) is None, claim


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
    assert (first.difference.answer, first.difference.missing, first.controls_before) == (
        "not tested",
        "controls",
        None,
    )
    assert plain(first.verdict) == (
        "−15.0 points (likely range −18.7 to −11.4 points). Nothing was left alone to compare with: whatever else "
        "changed "
        "then, such as the season, would look the same."
    )
    assert second.after == "nothing marked"


def test_a_policy_of_some_locations_is_compared_with_the_others() -> None:
    def rows(*rates: int) -> list[tuple[dt.date, Any]]:
        return [(day(week, 1), build.counts(400 - rates[week >= 6], rates[week >= 6])) for week in range(12)]

    places = {"Harbour": rows(80, 20), "Old Town": rows(60, 60), None: rows(60, 58)}
    frame = build.rates(
        [({"day": date, "location": place}, counts) for place, made in places.items() for date, counts in made],
        {"day": pl.Date, "location": pl.String},
    )
    by = {"week": build.dated("week"), "month": build.dated("month"), "day": build.dated("day", *rows(80, 20))}
    policy = Policy(day(6, 0), "reminders", "location", ("harbour",))
    (made,) = course_of(by, 0.125, LATER, 10, (policy,), by_group={"location": frame}).policies
    assert plain(made.controls_before or "") == "15.0 % (720 of 4,800)"
    assert made.difference.answer == "found"
    assert plain(made.verdict).startswith(
        "Expected from those left alone: 19.7 %. The difference of −14.7 points (likely range "
    )
    same = Policy(day(6, 0), "reminders", "location", ("Old Town",))
    alike = {"location": frame.filter(pl.col("location").ne_missing("Harbour"))}
    (none,) = course_of(by, 0.125, LATER, 10, (same,), by_group=alike).policies
    assert none.difference.answer == "not found"
    assert "No difference was found; one of " in none.verdict
    gone = Policy(day(6, 0), "reminders", "location", ("Nowhere",))
    (nothing,) = course_of(by, 0.125, LATER, 10, (gone,), by_group={"location": frame}).policies
    assert nothing.verdict.startswith("No booking here is of the locations or services")


@pytest.mark.parametrize(
    ("weeks", "unit"),
    [
        (range(MOST_WEEKS), "week"),
        (range(MOST_WEEKS + 1), "month"),
        (range(0, 40, 4), "month"),  # one week of four has bookings, as in a report of monthly sums
        (range(0, 10, 4), "week"),
    ],
    ids=["five years", "more", "sparse", "few"],
)
def test_a_course_that_weeks_cannot_show_is_one_of_months(weeks: range, unit: str) -> None:
    months = {day(week, 0).replace(day=1) for week in weeks}
    by = {
        "week": build.dated("week", *((day(week, 0), build.counts(16, 4)) for week in weeks)),
        "month": build.dated("month", *((month, build.counts(16, 4)) for month in sorted(months))),
        "day": build.dated("day", *((day(week, 0), build.counts(16, 4)) for week in weeks)),
    }
    assert course_of(by, 0.2, LATER, 10).unit == unit


def test_a_long_course_has_no_more_labels_than_fit(course: Any) -> None:
    svg = course_chart(course(dict.fromkeys(range(MOST_WEEKS), (16, 4))), NARROW)
    assert svg is not None
    assert 2 <= len(set(re.findall(r">(20\d\d)<", svg))) <= NARROW.ticks


@pytest.mark.parametrize(("weeks", "dots"), [(MOST_DOTS, True), (MOST_DOTS + 1, False)])
def test_a_long_course_has_no_dots_on_a_narrow_page(course: Any, weeks: int, dots: bool) -> None:
    made = course(dict.fromkeys(range(weeks), (16, 4)))
    narrow, wide = (course_chart(made, size) or "" for size in (NARROW, WIDE))
    # The first and the last week, which are partial, have a mark on every page.
    assert (narrow.count("<title>") > 2, wide.count("<title>") > 2, made.is_long) == (dots, True, not dots)


def test_runs_on_one_side_are_told_apart(course: Any) -> None:
    low, high = (92, 8), (80, 20)
    made = course(dict(enumerate([low] * 8 + [high] * 4 + [low] * 9)))
    assert "2 runs of eight or more weeks" in plain(made.signals)
    assert plain(made.signals).endswith(
        "the last of them below it from the week of 30 Mar 2026 to the week of 25 May 2026."
    )
