"""The one picture of the first page: drawn once, with the verdict on change as its title."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from support import report_frames as build
from support.report_frames import draw, report

from queries.measures.change_verdict import ChangeFound, ChangeNotFound, ChangeNotTested, ChangeVerdict
from queries.measures.comparison import Difference
from reports.sections.over_time.change_words import TITLES, title_of

MONDAYS = [dt.date(2026, 1, 5) + dt.timedelta(weeks=week) for week in range(8)]
STEP = ChangeFound("step", 2, 6, 0.1, 0.2, Difference(0.1, 0.05, 0.15), (80, 8), (20, 4), has_season=False)
VERDICTS: dict[str, ChangeVerdict] = {
    "The rate rose since the week of 19 January 2026": STEP,
    "The rate was higher from 19 January 2026 to 15 February 2026, which has ended": replace(STEP, shape="spell"),
    "The rate has risen steadily": replace(STEP, shape="trend"),
    "No change of the rate was found": ChangeNotFound(0.03, has_season=True, rate=0.12),
    "Too few bookings to say whether the rate changed by less than 5.0 points": ChangeNotFound(0.05, True, 0.12),
    "Too few bookings to say whether the rate changed": ChangeNotFound(0.31, True, 0.15),
    "Too few weeks with marks to test whether the rate changed": ChangeNotTested("periods", 4),
    "All bookings have the same outcome, so no change was tested": ChangeNotTested("outcomes", 14),
    "Too many weeks are withheld to test whether the rate changed": ChangeNotTested("counts", 14),
}


@pytest.mark.parametrize("title", VERDICTS)
def test_each_verdict_has_a_title(title: str) -> None:
    assert title_of(VERDICTS[title], MONDAYS, "week").replace("\u00a0", " ") == title
    assert [sum(row.is_true(each) for each in VERDICTS.values()) for row in TITLES] == [1] * len(TITLES)


def test_the_chart_is_drawn_once_under_its_title() -> None:
    page = draw(report())
    at = page.index('<h2 id="picture">Too few weeks with marks to test whether the rate changed</h2>')
    assert at < page.index('class="chart chart-wide"') < page.index("</figure>", at)
    assert page.count("Dots: the rate of each week.") == 1
    assert '<a href="#picture">the chart</a>' in page


def test_without_two_weeks_there_is_no_picture_and_nothing_speaks_of_it() -> None:
    made = report(week=build.dated("week", (MONDAYS[0], build.counts(24, 8))))
    assert made.picture is None
    assert "#picture" not in draw(made)


def test_a_shared_part_has_no_picture() -> None:
    assert report({"share": True}).picture is not None
    assert report({"share": True, "part": "Harbour"}).picture is None


@pytest.mark.parametrize(
    ("missed", "signals", "band"),
    [((2,) * 20, False, True), ((2,) * 19 + (19,), True, True), ((0,) * 20, False, False)],
)
def test_the_legend_names_only_what_is_drawn(missed: tuple[int, ...], signals: bool, band: bool) -> None:
    weeks = [(MONDAYS[0] + dt.timedelta(weeks=n), build.counts(20 - each, each)) for n, each in enumerate(missed)]
    made = report(week=build.dated("week", *weeks))
    page = draw(made)
    picture = page.split('<h2 id="picture">')[1].split("</section>")[0]
    assert ("Diamonds:" in picture, 'fill="var(--warn)"' in picture, "Band:" in picture) == (signals, signals, band)
