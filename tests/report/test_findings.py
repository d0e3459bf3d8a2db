"""The findings of sections in one line: of each question one is true, each can be, and every door has one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import plain

from reports.drawing.sentences import Sentence
from reports.registry import SECTIONS
from reports.sections.attributes import finding as of_attributes
from reports.sections.attributes.content import ByAttribute, by_attribute
from reports.sections.courses import finding as of_courses
from reports.sections.courses.in_words import Number
from reports.sections.factors.content import FactorRow
from reports.sections.headline import finding as of_headline
from reports.sections.headline.content import headline_of
from reports.sections.headline.figures import Headline
from reports.sections.headline.sources import SourceMarks
from reports.sections.method import finding as of_method
from reports.sections.quality import finding as of_quality
from reports.sections.quality.finding import Trust
from reports.sections.quality.records import SetAside
from reports.sections.registers import finding as of_registers
from reports.sections.registers.content import Registers
from reports.sections.registers.habits import Silent
from reports.sections.sessions import finding as of_sessions
from reports.sections.sessions.content import Session, Sessions
from reports.sections.when import finding as of_when
from reports.sections.when.finding import Timing
from reports.sections.when.in_words import LeadBand, Leads
from reports.sections.where import finding as of_where
from reports.sections.where.finding import Lost
from reports.sections.where.standouts import NO_STANDOUTS, Standouts

Materials = Sequence[Any]


def factor(name: str, answer: Any, is_confounded: bool = False) -> FactorRow:
    title = {"lead_time": "lead time", "local_weekday": "weekday"}[name]
    return FactorRow(name, title, answer, 0.01, 2.0, 1.5, is_confounded, None, (), None, None)


def leads(rates: Sequence[float]) -> Leads:
    names = ("same day", "1 day", "over 28 days")
    return Leads.of([LeadBand(name, 1, 10, rate, 0, 1, 0) for name, rate in zip(names, rates, strict=False)])


def timings() -> Materials:
    answers = ("found", "not found")
    pairs = [
        (factor("lead_time", a, b), factor("local_weekday", c)) for a, b, c in product(answers, (True, False), answers)
    ]
    return [Timing(tested, leads(rates)) for tested in ((), *pairs) for rates in ((), (0.1,), (0.1, 0.2))]


def ranges() -> Materials:
    rates: list[tuple[float | None, ...]] = [(), (0.1,), (0.1, None), (0.1, 0.1), (0.1, 0.3, 0.2)]
    courses = [[Number(n, 1, 20, rate, 0, 1) for n, rate in enumerate(each, 1)] for each in rates]
    return [of_courses.range_of(numbers, missed) for numbers in courses for missed in (0, 3)]


def trusts() -> Materials:
    asides = (None, SetAside(0, 90, 0.0, None), SetAside(3, 90, 0.03, None))
    return [Trust(*each) for each in product((True, False), asides, ((), (0.1,), (0.1, 0.2)))]


def sessions() -> Materials:
    one = Session("s", "2026-01-01 Thu 18:00", "Yoga", "", "", 1, 1, 0, 0, 0, 0, 0)
    return [Sessions((), 0, None), Sessions((one,), 1, None), Sessions((one,), 9, "The newest 1 of 9 sessions")]


def attributes() -> Materials:
    none, some = (
        by_attribute(
            name, build.rates([({f"attributes.{name}": value}, build.counts(20, 2))], {f"attributes.{name}": str})
        )
        for name, value in (("deposit", None), ("reminder", "true"))
    )
    every: list[tuple[ByAttribute, ...]] = [(none,), (some,), (none, some)]
    return every


def headlines() -> list[Headline]:
    overall = build.rates([({}, build.counts(20, 3, 4))], {})
    sources = [(), *((SourceMarks(marks, 5),) for marks in ("both", "no_shows", "arrivals"))]
    both_ways = (SourceMarks("no_shows", 5), SourceMarks("arrivals", 5))
    nothing = build.rates([({}, build.counts(0, 0))], {})
    return [headline_of(nothing), *(headline_of(overall, sources=each) for each in (*sources, both_ways))]


def registers() -> Materials:
    silent = Silent("Ana", "staff", 30, 0, None, None)
    return [
        Registers(n, n, (), (), None, has_registers=has, silent=each)
        for n, has, each in product((0, 4), (True, False), ((), (silent,)))
    ]


def losses() -> Materials:
    groups = [("Harbour", build.counts(100, 100)), ("Old Town", build.counts(900, 140))]
    overall = build.rates([({}, build.counts(1000, 240))], {})
    made = build.report(overall=overall, **{name: build.named(name, *groups) for name in ("location", "service")})
    some = made.standouts.found
    every = [NO_STANDOUTS, *(Standouts(found, 4, None) for found in ((), some[:1], (some[0], some[0])))]
    return [Lost(standouts, one) for standouts in every for one in (True, False)]


SAID: Sequence[tuple[str, Sequence[Sentence[Any]], Callable[[], Materials]]] = (
    ("when", of_when.FINDINGS, timings),
    ("rates of courses", of_courses.RATES, ranges),
    ("missed courses", of_courses.MISSED, ranges),
    ("records", of_quality.RECORDS, trusts),
    ("definitions", of_quality.RATES, trusts),
    ("sessions", of_sessions.FINDINGS, sessions),
    ("method", of_method.FINDINGS, lambda: [True, False]),
    ("attributes", of_attributes.FINDINGS, attributes),
    ("figures", of_headline.FINDINGS, headlines),
    ("registers", of_registers.FINDINGS, registers),
    ("where", of_where.FINDINGS, losses),
)


@pytest.mark.parametrize(("sentences", "materials"), [each[1:] for each in SAID], ids=[each[0] for each in SAID])
def test_each_question_has_one_true_finding_and_each_finding_its_time(
    sentences: Sequence[Sentence[Any]], materials: Callable[[], Materials]
) -> None:
    true = [[sentence.is_true(each) for sentence in sentences] for each in materials()]
    assert [sum(row) for row in true] == [1] * len(true)
    assert all(any(column) for column in zip(*true, strict=True))


@pytest.mark.parametrize(
    ("in_words", "materials"),
    [
        (of_when.timing_in_words, timings),
        (of_courses.range_in_words, ranges),
        (of_quality.trust_in_words, trusts),
        (of_sessions.sessions_in_words, sessions),
        (of_attributes.attributes_in_words, attributes),
        (of_where.lost_in_words, losses),
    ],
    ids=lambda each: each.__module__.split(".")[-2] if each.__module__.startswith("reports") else "",
)
def test_every_finding_is_filled_in(in_words: Callable[[Any], str], materials: Callable[[], Materials]) -> None:
    for each in materials():
        assert not re.search(r"[{}]|None|unknown|  ", in_words(each)), in_words(each)


def test_every_section_behind_the_first_page_has_a_finding() -> None:
    assert [section.name for section in SECTIONS if not section.is_first_page and section.finding is None] == []
    assert [door.title for door in build.report().doors if not door.finding] == []


def test_a_reversed_lead_time_names_no_plain_rates() -> None:
    """The plain rates of a factor that others turn would say the opposite of what is found."""
    said = [
        plain(of_when.timing_in_words(Timing((factor("lead_time", "found", turned),), leads((0.2, 0.1)))))
        for turned in (True, False)
    ]
    assert said == [
        "No-shows go with lead time, other factors being equal.",
        "No-shows go with lead time: 20.0 % of bookings for the same day, 10.0 % of those made 1 day ahead.",
    ]


def test_the_door_to_where_blames_no_lack_of_bookings_if_all_have_one_outcome() -> None:
    every = build.counts(400, 0)
    made = build.report(
        overall=build.rates([({}, every)], {}), service=build.named("service", ("Yoga", build.counts(200, 0)))
    )
    (said,) = (door.finding for door in made.doors if door.title == "Where")
    assert said == "All bookings have the same outcome, so there is nothing to compare."
