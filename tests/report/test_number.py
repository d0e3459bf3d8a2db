"""The number in words: at most 40 of them, with definition, certainty and the period before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report

from queries.gathered import Period
from queries.measures.differences import Rated
from reports.sections.headline.change import Comparison, comparison, latest
from reports.sections.headline.content import headline_of
from reports.sections.headline.figures import Headline
from reports.sections.headline.sources import SourceMarks
from reports.sections.number import content as number
from reports.sections.number.content import Before, number_of

MOST_WORDS = 40
DAY = dt.date(2026, 2, 2)
NOW, THEN = Period(DAY, DAY + dt.timedelta(27)), Period(DAY - dt.timedelta(28), DAY - dt.timedelta(1))
ONE_SIDED = [(), *((SourceMarks(marks, 5),) for marks in ("no_shows", "arrivals", "default"))]
ONE_SIDED += [
    (SourceMarks("no_shows", 5), SourceMarks("both", 5)),
    (SourceMarks("no_shows", 5), SourceMarks("arrivals", 5)),
]


def headlines() -> list[Headline]:
    """Every kind of headline, with counts of up to seven digits."""
    made: list[Headline] = []
    for attended, missed, unmarked in product((0, 3, 4_000_000), (0, 3, 1_234_567), (0, 3, 600_000, 9_000_000)):
        overall = headline_of(build.rates([({}, build.counts(attended, missed, unmarked))], {}))
        made += [overall, replace(overall, is_empty=True), replace(overall, missed_bookings=None)]
    return [replace(each, sources=sources) for each in made for sources in ONE_SIDED]


def befores() -> list[Before]:
    counts = [Rated(0, 0), Rated(400, 40), Rated(400, 120)]
    made: list[Comparison | None] = [None]
    for now, before in product(counts, counts):
        made += [comparison(NOW, now, THEN, before), latest(NOW, now, THEN, before)]
    return [Before(each, is_year) for each in made for is_year in (False, True)]


def test_every_number_takes_at_most_forty_words_and_one_sentence_of_each_question() -> None:
    for overall, before in product(headlines(), befores()):
        made = number_of(overall, before)
        assert len(f"{made.figure} {made.said}".split()) <= MOST_WORDS, f"{made.figure} {made.said}"
        assert not {"{", "None "} & {*made.said}, made.said


@pytest.mark.parametrize(
    ("rows", "materials"),
    [
        (number.TITLES, headlines()),
        (number.RATE, headlines()),
        (number.SURE, headlines()),
        (number.BEFORE, befores()),
        (number.PERIODS, befores()),
    ],
)
def test_each_sentence_has_its_time(rows: Sequence[Any], materials: Sequence[Any]) -> None:
    assert all(any(row.is_true(each) for each in materials) for row in rows)


def test_the_page_begins_with_the_number_its_definition_and_the_period_before() -> None:
    days = [(dt.date(2026, 2, 2), build.counts(80, 20)), (dt.date(2026, 1, 12), build.counts(90, 10))]
    made = report(overall=build.rates([({}, build.counts(2000, 400, 60))], {}), day=build.dated("day", *days))
    assert (made.number.title, plain(made.number.figure)) == ("No-show rate", "16.7 %")
    assert plain(made.number.said) == (
        "of marked bookings are no-shows (400 of 2,400): booked, not cancelled, marked as not attended. "
        "Likely range 15.2 % to 18.2 %; unmarked included, 16.3 % to 18.7 %. Last four weeks 20.0 %, "
        "four before 10.0 %."
    )
    page = draw(made)
    assert page.index('<h2 id="number">') == page.index("<h2 ")
    assert page.count(f'<p class="figure">{made.number.figure}</p>') == page.count('class="figure') == 1


def test_too_few_marks_lead_with_the_possible_range() -> None:
    made = report(overall=build.rates([({}, build.counts(24, 8, 40))], {})).number
    assert (made.title, plain(made.figure)) == ("No-show rate, possible range", "11.1 % to 66.7 %")
    assert "44.4 % are marked; of those, 25.0 % (8 of 32)." in plain(made.said)
    assert "interval" not in made.said


@pytest.mark.parametrize(
    ("marks", "figure", "said"),
    [
        ("no_shows", "at least 10.0 %", "The unmarked count as attended: if some stayed away, it is more."),
        ("arrivals", "at most 10.0 %", "not marked as attended. If some came unmarked, it is less."),
    ],
)
def test_a_presumed_rate_says_so(marks: Any, figure: str, said: str) -> None:
    overall = headline_of(build.rates([({}, build.counts(360, 40))], {}), sources=(SourceMarks(marks, 400),))
    made = number_of(overall, Before(None, is_year=False))
    assert plain(made.figure) == figure
    assert said in plain(made.said)
    # "At least 10.0 %" beside a range from 7.4 % would contradict itself.
    assert "range" not in made.said


def test_two_chosen_periods_have_a_verdict_and_the_latest_weeks_none() -> None:
    overall = headline_of(build.rates([({}, build.counts(360, 40))], {}))
    apart, alike = (Rated(400, 120), Rated(400, 40)), (Rated(4000, 400), Rated(4000, 420))
    few = Rated(81, 11), Rated(77, 6)
    said = [
        plain(number_of(overall, Before(made(NOW, pair[0], THEN, pair[1]), is_year=False)).said)
        for made, pair in (
            (comparison, apart),
            (comparison, alike),
            (latest, apart),
            (latest, alike),
            (latest, few),
            (comparison, few),
        )
    ]
    assert said[0].endswith(" Period before 10.0 %: more than chance.")
    assert said[1].endswith(" Period before 10.5 %: no difference found.")
    assert said[2].endswith(" Last four weeks 30.0 %, four before 10.0 %.")
    assert said[3].endswith(" Last four weeks 10.0 %, four before 10.5 %.")
    # 11 of 81 and 6 of 77 would read as nearly doubled.
    assert said[4].endswith(" Last four weeks: too few to compare.")
    assert said[5].endswith(" Period before 7.8 %: too few to compare.")
