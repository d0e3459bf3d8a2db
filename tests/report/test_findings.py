"""The findings of sections in one line: of each question one is true, each can be, and every door has one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain

from queries.measures.comparison import Difference
from queries.measures.differences import DifferenceVerdict
from queries.model.groupings import VISIT_BANDS
from reports.drawing.rate_rows import RateRow
from reports.drawing.sentences import Sentence
from reports.registry import SECTIONS
from reports.scope.options import Options, Policy
from reports.sections.attributes import content as values_of
from reports.sections.attributes import finding as of_attributes
from reports.sections.attributes.content import ByAttribute, by_attribute
from reports.sections.courses import finding as of_courses
from reports.sections.courses.in_words import Number
from reports.sections.factors.content import FactorRow, Factors
from reports.sections.headline import finding as of_headline
from reports.sections.headline import notice as of_notice
from reports.sections.headline.content import headline_of
from reports.sections.headline.figures import Headline
from reports.sections.headline.notice import Notice
from reports.sections.headline.sources import SourceMarks
from reports.sections.in_short import factors as of_factors
from reports.sections.in_short.factors import Tried
from reports.sections.method import finding as of_method
from reports.sections.money import content as of_money
from reports.sections.over_time import policies as of_policies
from reports.sections.over_time.policies import BeforeAfter
from reports.sections.participants import finding as of_participants
from reports.sections.participants.content import Participants, Repeat
from reports.sections.quality import finding as of_quality
from reports.sections.quality import in_words as quality_words
from reports.sections.quality.finding import Trust
from reports.sections.quality.records import SetAside
from reports.sections.registers import finding as of_registers
from reports.sections.registers import in_words as habits
from reports.sections.registers.content import Registers
from reports.sections.registers.habits import OneClick, Silent
from reports.sections.sessions import content as of_sessions
from reports.sections.sessions.content import Session, Sessions
from reports.sections.when import finding as of_when
from reports.sections.when import in_words as visit_words
from reports.sections.when.finding import Timing
from reports.sections.when.in_words import LeadBand, Leads
from reports.sections.where import finding as of_where
from reports.sections.where.finding import Lost
from reports.sections.where.standouts import NO_STANDOUTS, Standouts
from reports.sections.worth import content as of_worth
from reports.sections.worth.content import SeatOffer, Worth

Materials = Sequence[Any]
APART = "1.9 % of bookings of sessions on Tuesdays, 1.1 % of bookings of sessions on Sundays"
MONDAY = dt.date(2026, 1, 5)
START = dt.datetime(2026, 1, 5, 18)  # noqa: DTZ001 local times have no zone


CONCENTRATIONS = (
    build.rows("concentration"),
    build.rows("concentration", {"rated_bookings": 4, "missed_bookings": 1, "people": 8}),
)


def factor(name: str, answer: Any, is_confounded: bool = False, detectable: float = 1.5, apart: str = "") -> FactorRow:
    title = {"lead_time": "days booked ahead", "local_weekday": "weekday", "party": "party size"}[name]
    return FactorRow(name, title, answer, 0.01, 2.0, detectable, is_confounded, None, (), None, None, apart=apart)


def leads(rates: Sequence[float]) -> Leads:
    names = ("same day", "1 day", "over 28 days")
    return Leads.of([LeadBand(name, 1, 10, rate, 0, 1, 0) for name, rate in zip(names, rates, strict=False)])


def timings() -> Materials:
    answers = ("found", "not found")
    alone = (factor("lead_time", "found"),)
    pairs = [
        (factor("lead_time", a, b), factor("local_weekday", c, d))
        for a, b, c, d in product(answers, (True, False), answers, (True, False))
    ]
    unseen = (factor("lead_time", "not found", detectable=31.0),)
    return [
        Timing(tested, leads(rates)) for tested in ((), unseen, alone, *pairs) for rates in ((), (0.1,), (0.1, 0.2))
    ]


def kinds_of_factors() -> Materials:
    """With and without factors that are found, that have rates to show, and that could have been found at all."""
    rows = [
        (factor("party", answer, detectable=odds, apart=apart),)
        for answer, odds, apart in product(("found", "not found"), (1.5, 31.0), ("", APART))
    ]
    every = [Factors((), None, missing="there are too few no-shows"), *(Factors(each, None) for each in rows)]
    return [Tried(each, groups) for each in every for groups in ((), ("location",), ("location", "staff"))]


def ranges() -> Materials:
    rates: list[tuple[float | None, ...]] = [(), (0.1,), (0.1, None), (0.1, 0.1), (0.1, 0.3, 0.2), (0.1, 0.3)]
    courses = [[Number(n, 1, 20, rate, 0, 1) for n, rate in enumerate(each, 1)] for each in rates]
    return [of_courses.range_of(numbers, missed) for numbers in courses for missed in (0, 3)]


def trusts() -> Materials:
    asides = (None, SetAside(0, 90, 0.0, None), SetAside(3, 90, 0.03, None))
    return [Trust(*each) for each in product((True, False), asides)]


def notices() -> Materials:
    late, early = Notice("2-12 hours", 3, 0.3, 3), Notice("over 7 days", 7, 0.7, 0, 2)
    ours, unknown = Notice("12-24 hours", 5, 0.3, 4, 1), Notice("time unknown", 9, None)
    return [(), (early,), (late,), (late, early), (ours, early, unknown), (early, unknown)]


def silents() -> list[tuple[Silent, ...]]:
    return [(Silent("Ana", "staff", 30, 3, None, days),) for days in (None, 0, 1, 40)]


def clicks() -> list[tuple[OneClick, ...]]:
    one = OneClick("Ana", 8, 40, 40, 200, 1e-4)
    return [(one,), (one, one), (one, one, one)]


def rows() -> list[tuple[RateRow, ...]]:
    rates: list[tuple[float | None, ...]] = [(), (None,), (0.1,), (0.1, None, 0.3), (0.2, 0.2)]
    return [tuple(RateRow(f"value {n}", 2, 20, rate, 0, 1) for n, rate in enumerate(each)) for each in rates]


def policies() -> Materials:
    fewer, more, nothing = (Difference(by, by - 0.01, by + 0.01) for by in (-0.1, 0.1, 0.0))
    verdicts = (
        DifferenceVerdict("found", fewer, expected=0.2),
        DifferenceVerdict("found", more, expected=0.2),
        DifferenceVerdict("not found", nothing, expected=0.2, detectable=0.1),
        DifferenceVerdict("not tested", None, missing="bookings"),
    )
    made = [BeforeAfter(MONDAY, f"change {n}", "", "", None, None, each, "") for n, each in enumerate(verdicts)]
    return [made[:1], made[:2], made[1:], made[2:], made[2:3], made[3:]]


def offers() -> Materials:
    every = [SeatOffer("Yoga", 12, 90, 30, 0.9, 0.8, 0.1, 0.0, seats, None, None, "") for seats in (None, 0, 2)]
    return [(), every[:1], every[:2], every, [every[2], every[2]]]


def contacts() -> Materials:
    kinds = ((0, True, True), (0, False, True), (3, True, True), (0, True, False))
    alone = Repeat("c", "guest 1", 9, 25, 84, 90, MONDAY)
    far = [Participants((alone,), total, 25, 0.1, None, most=alone, next_no_shows=0) for total in (1, 3)]
    return [*far, *(Participants((), total, total, 0.1, None, known, rated) for total, known, rated in kinds)]


def oddities() -> list[tuple[int | None, ...]]:
    return [(), (3,), (3, 4), (None,), (3, None)]


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


def moneys() -> Materials:
    """Fees due and applied: none known, none, or some in one currency or two; with and without contradictions."""

    def amounts(figure: str, *values: str | None) -> list[of_money.Amount]:
        each = [(currency, value) for currency, value in zip(("EUR", None), values, strict=False)]
        return [
            of_money.Amount(currency, figure, figure, "", Decimal(value) if value else None, 1, 0, "fees")
            for currency, value in each
        ]

    known: tuple[tuple[str | None, ...], ...] = ((None,), ("0",), ("12.50",), ("12.50", "3"))
    counts = ({}, {"fee_twice": 1}, {"fee_without_no_show": 2, "no_show_without_fee": 3})
    return [
        of_money.Money((*amounts("fees_due", *due), *amounts("fees_applied", *applied)), counted, ())
        for due, applied, counted in product(known, known, counts)
    ]


# Whether a group has a badge though none is found, and whether one could be found.
SIMILAR = ((False, True), (True, True), (False, False), (True, False))


def losses() -> Materials:
    groups = [("Harbour", build.counts(100, 100)), ("Old Town", build.counts(900, 140))]
    overall = build.rates([({}, build.counts(1000, 240))], {})
    made = build.report(overall=overall, **{name: build.named(name, *groups) for name in ("location", "service")})
    some = made.standouts.found
    every = [NO_STANDOUTS, *(Standouts(found, 4, None) for found in ((), some[:1], (some[0], some[0]), some[:1] * 5))]
    kinds = [(*each, "marked booking", *more) for each in product((True, False), repeat=2) for more in SIMILAR]
    return [Lost(standouts, *each) for standouts in every for each in kinds]


SAID: Sequence[tuple[str, Sequence[Sentence[Any]], Callable[[], Materials]]] = (
    ("when", of_when.FINDINGS, timings),
    ("factors", of_factors.FINDINGS, kinds_of_factors),
    ("rates of courses", of_courses.RATES, ranges),
    ("missed courses", of_courses.MISSED, ranges),
    ("courses by chance", of_courses.CHANCE, ranges),
    ("records", of_quality.RECORDS, trusts),
    ("definitions", quality_words.RATES, lambda: [set(), {"10 %"}, {"10 %", "20 %"}]),
    ("oddities", quality_words.ODDITIES, oddities),
    ("sessions", of_sessions.TITLES, sessions),
    ("notice", of_notice.TITLES, notices),
    ("silent", habits.SILENT, lambda: [each[0] for each in silents()]),
    ("one click", habits.ONE_CLICK, clicks),
    ("visits", visit_words.VISITS, lambda: [[row for row in each if row.rate is not None] for each in rows()]),
    ("values", values_of.TITLES, lambda: [[row for row in each if row.rate is not None] for each in rows()]),
    ("policies", of_policies.TITLES, policies),
    ("seats", of_worth.TITLES, offers),
    ("fees", of_money.TITLES, moneys),
    ("contradictions", of_money.CONTRADICTIONS, moneys),
    ("contacts", of_participants.FINDINGS, contacts),
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
        (of_factors.factors_in_words, kinds_of_factors),
        (of_courses.range_in_words, ranges),
        (of_quality.records_in_words, trusts),
        (quality_words.rates_in_words, lambda: [(), (0.1,), (0.1, 0.2)]),
        (lambda counts: quality_words.oddities_in_words(counts, "flag"), oddities),
        (of_sessions.sessions_in_words, sessions),
        (of_notice.notice_in_words, notices),
        (habits.silent_in_words, lambda: [(), *silents()]),
        (habits.one_click_in_words, lambda: [(), *clicks()]),
        (visit_words.visits_in_words, rows),
        (values_of.values_in_words, rows),
        (of_policies.all_policies_in_words, policies),
        (lambda each: Worth((), tuple(each), 0.05).offers_title, offers),
        (lambda each: each.title, moneys),
        (lambda each: each.contradictions_title, moneys),
        (of_attributes.attributes_in_words, attributes),
        (of_where.lost_in_words, losses),
    ],
)
def test_every_finding_is_filled_in(in_words: Callable[[Any], str], materials: Callable[[], Materials]) -> None:
    for each in materials():
        assert not re.search(r"[{}]|None|unknown|  ", in_words(each)), in_words(each)


def test_every_section_behind_the_first_page_has_a_finding() -> None:
    assert [section.name for section in SECTIONS if not section.is_first_page and section.finding is None] == []
    assert [door.title for door in build.report().doors if not door.finding] == []


def test_a_reversed_lead_time_names_no_plain_rates() -> None:
    """The plain rates of a factor that others turn would contradict the finding."""
    said = [
        plain(of_when.timing_in_words(Timing((factor("lead_time", "found", turned),), leads((0.2, 0.1)))))
        for turned in (True, False)
    ]
    assert said == [
        "No-shows go with days booked ahead, other factors being equal; the plain rates mislead.",
        "No-shows go with days booked ahead: 20.0 % of bookings for the same day, 10.0 % of those made 1 day ahead.",
    ]


def test_a_factor_whose_plain_rates_mislead_is_not_named_beside_one_whose_do_not() -> None:
    tested = (factor("lead_time", "found"), factor("local_weekday", "found", is_confounded=True))
    said = of_when.timing_in_words(Timing(tested, leads((0.1, 0.2))))
    assert "weekday" not in said
    named = (factor("local_weekday", "found", apart=APART), factor("lead_time", "found"))
    assert plain(of_when.timing_in_words(Timing(named, leads((0.1, 0.2))))) == (
        f"No-shows go with weekday ({APART}) and days booked ahead (10.0 % of bookings for the same day, 20.0 % of "
        f"those "
        "made 1 day ahead), other factors being equal."
    )


def test_factors_that_only_huge_differences_would_have_shown_are_not_said_to_matter_little() -> None:
    few, many = (Factors((factor("lead_time", "not found", detectable=odds),), None) for odds in (197.3, 1.5))
    assert "too few bookings to say" in of_factors.factors_in_words(Tried(few))
    assert "too few bookings to say" in of_when.timing_in_words(Timing(few.factors, leads((0.1, 0.2))))
    party, lead = (factor(name, "found", apart=f"rates by {name}") for name in ("party", "lead_time"))
    assert of_factors.factors_in_words(Tried(Factors((lead, party), None))).endswith(": rates by party.")
    assert of_factors.factors_in_words(Tried(many, ("location",))).startswith("Apart from location, no factor")


def test_nothing_marked_is_not_said_to_be_few_bookings_or_a_range() -> None:
    unmarked = build.counts(0, 0, 400)
    made = build.report(
        overall=build.rates([({}, unmarked)], {}),
        service=build.named("service", ("Yoga", unmarked), ("Spin", unmarked)),
    )
    doors = {door.title: door.finding for door in made.doors}
    assert doors["Where"] == "Too few marked bookings to compare groups."
    assert "rate is" not in (doors["Trust"] or "")
    assert doors["Who"] == "Who stays away again is unknown: no booking is marked."
    page = build.draw(made)
    assert "the possible range comes first" not in page
    assert "Nobody has two" not in page
    # 0 of 400 unmarked bookings would read as a rate of 0 %.
    assert "By other definitions" not in page


def test_rates_that_are_written_alike_are_not_set_against_each_other() -> None:
    said = of_when.timing_in_words(Timing((), leads((0.2, 0.1, 0.2))))
    assert said == "Whether the day or the days booked ahead make a difference was not tested."


def test_sums_without_contacts_are_not_said_to_have_no_repeat_no_shows() -> None:
    made = [build.report(concentration=rows).participants.are_known for rows in CONCENTRATIONS]
    assert made == [False, True]


def test_the_door_to_where_blames_no_lack_of_bookings_if_all_have_one_outcome() -> None:
    said = []
    for attended, missed in ((200, 0), (0, 200)):
        made = build.report(
            overall=build.rates([({}, build.counts(2 * attended, 2 * missed))], {}),
            service=build.named("service", ("Yoga", build.counts(attended, missed))),
        )
        said += [door.finding for door in made.doors if door.title == "Where"]
    assert said == [
        "Nobody missed a booking, so there is nothing to compare. Check that absences are marked at all.",
        "Everybody missed their booking, so there is nothing to compare. Check that arrivals are marked at all.",
    ]


def test_up_to_three_groups_are_named() -> None:
    groups = [(name, build.counts(100, 100)) for name in ("Yoga, Wed", "Spin", "Run", "Row", "Box")]
    made = build.report(
        overall=build.rates([({}, build.counts(8000, 900))], {}),
        service=build.named("service", *groups, ("Walk", build.counts(7500, 400))),
    )
    found = made.standouts.found
    one, two, three, five = (of_where.lost_in_words(Lost(Standouts(found[:n], 6, None), False)) for n in (1, 2, 3, 5))
    named = [each.phrase for each in found]
    assert one.endswith(f": {named[0]}.")
    assert [name in two for name in named] == [True, True, False, False, False]
    assert [name in three for name in named] == [True, True, True, False, False]
    assert five.endswith(f": {'; '.join(named[:3])}; 2 more.")


def test_every_table_and_chart_in_the_open_has_its_finding_in_its_title() -> None:
    counts, value = build.counts(100, 20, 5), {"attributes.reminder": pl.String}
    silent = {"kept_by": "staff", "keeper": "Ana", "bookings": 300, "marks_made": 2, "last_mark": MONDAY}
    weeks = [(MONDAY + dt.timedelta(weeks=n), counts) for n in range(14)]
    made = build.report(
        {"options": Options(attributes=("reminder",), policies=(Policy(MONDAY + dt.timedelta(weeks=7), "fees"),))},
        day=build.dated("day", *weeks),
        week=build.dated("week", *weeks),
        silent_markers=build.rows("silent_markers", silent),
        notice=build.rates(
            [({"notice": "under 2 hours"}, build.counts(9, 2, cancelled_bookings=3))], {"notice": pl.String}
        ),
        visit_number=build.rates(
            [({"visit_number": name}, counts) for name in VISIT_BANDS], {"visit_number": pl.String}
        ),
        registers=build.rows(
            "registers", {"session_id": "s", "local_start": START, "bookings": 3, "unmarked_bookings": 2}
        ),
        flags=build.quality_flags(("walk_in", "more attendees than were booked", 4)),
        sessions=build.rows("sessions", {"session_id": "s", "local_start": START, "bookings": 3, "all_sessions": 1}),
        repeat_no_shows=build.rows("repeat_no_shows", {"participant_id": "p", "no_shows": 3, "last_no_show": MONDAY}),
        **{"attributes.reminder": build.rates([({"attributes.reminder": "true"}, counts)], value)},
    )
    page = build.draw(made)
    open_tables = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    titles = re.findall(r"<caption[^>]*><span>(.{30})|<figcaption[^>]*-words\">(.{30})", open_tables)
    said = ["".join(each) for each in titles]
    assert len(said) > 15
    assert [each for each in said if not re.match(r"<b>\w", each)] == []


def test_a_range_of_courses_that_may_be_chance_says_so() -> None:
    """The highest of ten rates, 9 of 38, was set against the lowest as if it were a finding."""
    near = [Number(1, 2, 59, 0.034, 0.008, 0.131), Number(8, 9, 38, 0.237, 0.122, 0.409)]
    far = [Number(1, 2, 590, 0.003, 0.001, 0.013), Number(8, 90, 380, 0.237, 0.196, 0.283)]
    said = [of_courses.range_in_words(of_courses.range_of(numbers, 0)) for numbers in (near, far)]
    assert ["may be chance" in each for each in said] == [True, False]
