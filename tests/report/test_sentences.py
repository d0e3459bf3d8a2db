"""Sentences about time and the headline: of each question one is true, each can be, and is right."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import plain

from queries.measures.change_verdict import ChangeFound, ChangeNotFound, ChangeNotTested, ChangeVerdict
from queries.measures.comparison import Difference
from reports.drawing.sentences import Sentence
from reports.sections.courses import in_words as drop_off
from reports.sections.courses.in_words import DropOff, Number
from reports.sections.headline import figures
from reports.sections.headline.content import headline_of
from reports.sections.headline.figures import Headline
from reports.sections.headline.sources import SourceMarks
from reports.sections.over_time import in_words as course_words
from reports.sections.over_time.course import Point
from reports.sections.over_time.in_words import Periods, Signals
from reports.sections.when import in_words as when_words
from reports.sections.when.in_words import Hours, LeadBand, Leads

BOTH = [(True, False)] * 2

MONDAY = dt.date(2026, 1, 5)
FOUND = ChangeFound("step", 2, 6, 0.1, 0.2, Difference(0.1, 0.05, 0.15), (80, 8), (20, 4), has_season=False)
CHANGES: tuple[ChangeVerdict, ...] = (
    FOUND,
    ChangeNotFound(0.03, has_season=True, rate=0.12),
    ChangeNotTested("periods", 4),
)


def point(rate: float | None, no_shows: int | None = 3) -> Point:
    nothing = dict.fromkeys(("low", "high", "limit_low", "limit_high", "coverage", "signal", "partial"))
    return Point(MONDAY, "2026-W02", 20, 20, no_shows, rate, run=0, **nothing)


def signals() -> list[Signals]:
    chosen = product((True, False), ((), (point(0.3),)), ((), ("above it",), ("above it", "below it")), CHANGES)
    return [Signals(has, outside, runs, change) for has, outside, runs, change in chosen]


def periods() -> list[Periods]:
    few, withheld, one, other = point(None), point(None, None), point(0.1), point(0.2)
    every = [
        (),
        (few,),
        (withheld,),
        (few, withheld),
        (one,),
        (one, few),
        (one, withheld),
        (one, other, few),
        (one, one),
        (one, other, withheld),
        (one, few, few, few, other),
        (one, few, few, withheld, other),
    ]
    return [course_words.periods_of(points) for points in every]


def leads() -> list[Leads]:
    few = LeadBand("2-7 days", 1, 4, None, None, None, 0.2)
    bands = [LeadBand(name, 3, 20, 0.15, 0.1, 0.2, beyond) for name, beyond in (("same day", 0.9), ("1 day", 0.4))]
    last = LeadBand("over 28 days", 3, 20, 0.15, 0.1, 0.2, 0.0)
    every = [(), (few,), (last,), (few, last), (*bands, last), (bands[0], last)]
    return [Leads(each, tuple(band for band in each if band.rate is not None)) for each in every]


def drop_offs() -> list[DropOff]:
    every = [(), (0.1,), *product((0.1, 0.2, 0.3), repeat=2), *product((0.1, 0.2, 0.3, 0.4), repeat=4)]
    return [DropOff(tuple(Number(n, 2, 20, rate, 0.0, 1.0) for n, rate in enumerate(rates, 1))) for rates in every]


def headlines() -> list[Headline]:
    made: list[Headline] = []
    for attended, missed, unmarked in product((0, 3, 40), (0, 3, 40), (0, 3, 400)):
        overall = headline_of(build.rates([({}, build.counts(attended, missed, unmarked))], {}))
        made += [overall, replace(overall, is_empty=True), replace(overall, missed_bookings=None)]
        made.append(replace(overall, cancelled_bookings=3))
    one_sided, both = SourceMarks("no_shows", 5), SourceMarks("both", 5)
    return [replace(each, sources=sources) for each in made for sources in ((), (one_sided,), (one_sided, both))]


SAID: Sequence[tuple[str, Sequence[Sentence[Any]], Callable[[], Sequence[Any]]]] = (
    ("signals", course_words.SIGNALS, signals),
    ("summary", course_words.SUMMARIES, periods),
    ("gaps", course_words.GAPS, periods),
    ("highest hour", when_words.HIGHEST, lambda: [Hours(*each) for each in product(*[range(3)] * 3, *BOTH)]),
    ("hours without a rate", when_words.RATELESS, lambda: [Hours(*each) for each in product(*[range(3)] * 3, *BOTH)]),
    ("lead time", when_words.LEADS, leads),
    ("ends of courses", drop_off.ENDS, drop_offs),
    ("between the ends", drop_off.BETWEEN, drop_offs),
    ("headline", figures.SENTENCES, headlines),
    ("headline in a terminal", figures.PLAIN, headlines),
)


@pytest.mark.parametrize(("sentences", "materials"), [each[1:] for each in SAID], ids=[each[0] for each in SAID])
def test_each_question_has_one_true_sentence_and_each_sentence_its_time(
    sentences: Sequence[Sentence[Any]], materials: Callable[[], Sequence[Any]]
) -> None:
    true = [[sentence.is_true(each) for sentence in sentences] for each in materials()]
    assert [sum(row) for row in true] == [1] * len(true)
    assert all(any(column) for column in zip(*true, strict=True))


def test_every_headline_can_be_said() -> None:
    for each in headlines():
        for said in (each.sentence, each.text):
            assert not re.search(r"[{}]|None\b(?!: 0 of| of)", said), said


@pytest.mark.parametrize("every", [each.every for each in leads()], ids=range(len(leads())))
def test_what_is_said_of_lead_time_names_only_rates_there_are(every: Sequence[LeadBand]) -> None:
    said = plain(when_words.leads_in_words(every))
    with_rate = [band.name for band in every if band.rate is not None]
    assert ("do not come" in said) == (len(with_rate) > 1)
    assert ("nothing to compare" in said) == (len(every) == len(with_rate) == 1)
    assert "unknown" not in said


def test_no_session_of_a_course_lies_outside_the_rates_that_are_said() -> None:
    for each in drop_offs():
        said = [float(rate) for rate in re.findall(r"([0-9.]+) %", plain(drop_off.drop_off_in_words(each.known)))]
        rates = [100 * (number.rate or 0) for number in each.known] if len(each.known) > 1 else []
        found, expected = ((min(each, default=0), max(each, default=0)) for each in (said, rates))
        assert found == pytest.approx(expected)


@pytest.mark.parametrize("hours", [Hours(1, 0, 0), Hours(3, 2, 0), Hours(0, 4, 0), Hours(0, 1, 2), Hours(2, 0, 1)])
def test_an_hour_is_called_the_highest_only_of_several(hours: Hours) -> None:
    said = plain(when_words.hours_in_words(hours, "Mon 18:00", (5, 20) if hours.with_rate else None, 10))
    assert ("highest" in said) == (hours.with_rate > 1)
    assert ("25.0 % (5 of 20)" in said) == (hours.with_rate > 0)
    assert ("no rate" in said) == (hours.with_rate > 0 and hours.too_few + hours.withheld > 0)


def test_signals_beside_no_change_are_explained_and_those_of_a_change_are_not() -> None:
    for each in signals():
        (true,) = (sentence.text for sentence in course_words.SIGNALS if sentence.is_true(each))
        explained = "by chance" in true or "not a lasting change" in true
        assert explained == (each.has_verdict and bool(each.outside or each.runs) and each.change is not FOUND)
