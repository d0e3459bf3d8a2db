"""What to do this week: each kind only if it is found, with its size, the largest first, and said once on a page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.seen import text_of
from support.simulated_cells import medical

from queries.measures.group_verdicts import GroupVerdict
from reports.data import report_data
from reports.drawing.sentences import Sentence
from reports.registry import SECTIONS
from reports.report import Report, report_content
from reports.scope.options import Options, Policy
from reports.scope.pseudonyms import pseudonym
from reports.sections.actions import sentences
from reports.sections.actions.content import MOST_ACTIONS
from reports.sections.actions.findings import WHOSE, Holder, register_values
from reports.sections.actions.kinds import KINDS
from reports.sections.actions.material import Action
from reports.sections.actions.sentences import Brings, Missing, Size
from reports.sections.number.cautions import Records
from reports.sections.registers.content import NO_STAFF, Keeper

KEY = "of the tests"
START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone
OVERALL = build.rates([({}, build.counts(1000, 240, 60))], {})
PRICED = {"currency": "EUR", "absent": 240, "absent_priced": 240, "value_absent": Decimal("2400.00")}
PRICES = build.rows("empty_seats", PRICED | {"value_unmarked": Decimal("725.00")})
REGISTERS = build.rows(
    "registers",
    *(
        {"session_id": f"s{n}", "staff": staff, "location": "Harbour", "local_start": START, "unmarked_bookings": n}
        for n, staff in ((20, "Ana"), (25, "Bo"), (15, "Cy"))
    ),
)
CONCENTRATION = pl.DataFrame(
    {"rated_bookings": [30, 10, 10], "missed_bookings": [20, 1, 0], "people": [6, 60, 46]},
    schema=dict.fromkeys(("rated_bookings", "missed_bookings", "people"), pl.Int64),
)
REPEATS = build.rows(
    "repeat_no_shows",
    *(
        {"participant_id": f"c{n}", "participant_name": "Pat", "no_shows_in_a_year": 20, "no_shows": 20}
        | {"rated_bookings": 30, "bookings": 30, "last_no_show": START.date()}
        for n in range(6)
    ),
)
PLACES = build.named("location", ("Harbour", build.counts(100, 100)), ("Old Town", build.counts(900, 140)))
FULL = {"service_id": "yoga", "service": "Yoga", "service_type": "CLASS", "capacity": 10, "sessions": 20}
FULL |= {"full_sessions": 12, "seats": 200, "booked": 180, "rated_sessions": 20, "booked_rated": 200, "absent": 80}
FULL |= {"booked_rated_squared": 2000, "absent_squared_share": 32.0}
OCCUPANCY = build.rows("occupancy", FULL)
WEEKS = [dt.date(2025, 11, 3) + dt.timedelta(weeks=week) for week in range(12)]
POLICY = Policy(WEEKS[6], "reminders", "location", ("harbour",))

# 20,000 bookings with effects of lead time and of reminders.
MEDICAL = medical(1).cells
MANY = build.rates([({}, build.counts(20_000 - 3_584, 3_584))], {})

FINDINGS: dict[str, dict[str, pl.DataFrame]] = {
    "registers": {"registers": REGISTERS},
    "factor": {"cells": MEDICAL, "overall": MANY},
    "people": {"concentration": CONCENTRATION, "repeat_no_shows": REPEATS},
    "group": {"location": PLACES},
    "seats": {"occupancy": OCCUPANCY},
}
SAID = {
    "registers": (
        (
            "Fill in the registers of the last four weeks: 3 past sessions have 60 bookings that nobody marked, 25 of "
            "them with Bo at Harbour, the largest number. Their list price is EUR 725; whether they came is unknown."
        ),
        60,
    ),
    # 120 of 180 are theirs; at the rate of all others, 120 of 1,060, it would be 20.
    "people": (
        (
            f"Speak to the 6 people with the most no-shows, first to {pseudonym(KEY, 'c0')}: 120 of 240 no-shows are "
            "theirs. About 100 bookings missed beyond the rate of all others, EUR 1,000 at the average list price."
        ),
        100,
    ),
    # 100 of 200; at the rate of the rest, 140 of 1,040, it would be 27.
    "group": (
        (
            "Look into Harbour: 50.0 % of the marked bookings are no-shows (100 of 200), about four times the 13.5 % "
            "of the rest. About 73 bookings missed beyond the rate of all others, EUR 730 at the average list price."
        ),
        73,
    ),
    "seats": (
        (
            "Offer 2 seats more in Yoga than its 10: 12 of 20 sessions were full. "
            "Up to 24 bookings more, EUR 240 at the average list price."
        ),
        24,
    ),
}


def whole(circumstances: dict[str, Any] | None = None, **frames: pl.DataFrame) -> Report:
    return report(circumstances, **({"overall": OVERALL} | frames))


def actions(made: Report) -> Sequence[Action]:
    found: Sequence[Action] = made.actions.actions
    return found


@pytest.mark.parametrize("kind", SAID)
def test_each_finding_is_an_action_with_its_size_and_its_value(kind: str) -> None:
    made = whole(**FINDINGS[kind], empty_seats=PRICES)
    (action,) = (each for each in actions(made) if each.kind == kind)
    said, bookings = SAID[kind]
    assert plain(f"{action.sentence} {action.size}") == said
    assert action.bookings == bookings
    assert f'id="{action.anchor}"' in draw(made)


def test_long_lead_times_are_acted_on_and_short_ones_are_not() -> None:
    (action,) = actions(whole(**FINDINGS["factor"]))
    assert plain(action.sentence).startswith(
        "Take bookings less far ahead, or ask those who booked long ahead to confirm: of the marked bookings made "
        "1 day ahead or more, 25.4 % (3,232 of 12,729) are no-shows, 5.2 times the 4.8 % (352 of 7,271) of all others."
    )
    # The size is that of the same bookings: 3,232 less 12,729 at 4.8 %.
    assert plain(action.size) == "About 2,616 bookings missed beyond the rate of all others."
    bands = {"same day": "over 28 days", "over 28 days": "same day"}
    turned = MEDICAL.with_columns(lead_time=pl.col("lead_time").replace(bands).cast(MEDICAL.schema["lead_time"]))
    assert [
        each.sentence for each in actions(whole(cells=turned, overall=MANY)) if "less far ahead" in each.sentence
    ] == []


def test_a_policy_that_worked_is_kept_by_the_bookings_it_has_saved() -> None:
    rates = {"Harbour": (80, 20), "Old Town": (60, 60)}
    rows = [
        ({"day": date, "location": place}, build.counts(400 - missed, missed))
        for place, sides in rates.items()
        for at, date in enumerate(WEEKS)
        for missed in [sides[at >= 6]]
    ]
    frame = build.rates(rows, {"day": pl.Date, "location": pl.String})
    days = build.dated("day", *((date, build.counts(660, 140)) for date in WEEKS))
    found = build.frames(overall=OVERALL, day=days)
    about = build.about(options=Options(policies=(POLICY,)))
    made = report_content(replace(found, counts={**found.counts, "policy_locations": frame}), about, SECTIONS)
    (action,) = (each for each in actions(made) if each.kind == "policy")
    assert plain(action.sentence) == (
        "Keep “reminders”, since 15 December 2025: 5.0 % (120 of 2,400) are no-shows, and 20.0 % would be expected "
        "without it."
    )
    assert (action.bookings, plain(action.size)) == (360, "About 360 bookings since then.")


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ({"overall": OVERALL}, "Nothing was found that you can act on."),
        ({"overall": build.rates([({}, build.counts(3, 1))], {})}, "There are too few outcomes to find anything"),
    ],
)
def test_nothing_found_is_a_finding(frames: dict[str, pl.DataFrame], said: str) -> None:
    made = report(**frames)
    assert (made.actions.actions, (made.actions.nothing or "").startswith(said)) == ((), True)
    assert said in draw(made)


def test_at_most_three_are_named_registers_and_the_largest_first_and_nothing_is_said_twice() -> None:
    kinds = ("registers", "people", "group", "seats")
    made = whole(**{name: frame for kind in kinds for name, frame in FINDINGS[kind].items()})
    named = actions(made)
    assert len(named) == MOST_ACTIONS < len(kinds) < len(KINDS)
    assert [each.kind for each in named] == ["registers", "people", "group"]
    assert named[1].bookings > named[2].bookings > named[0].bookings
    short = plain(" ".join(made.in_short))
    assert "Harbour: 50.0 %" not in short
    assert "nobody marked" not in short
    page = draw(made)
    for each in named:
        assert each.value is None
        assert "list price" not in each.size
        assert page.count(f"<li>{each.sentence} ") == 1
    data = report_data(made)
    assert [each["sentence"] for each in data["actions"]["actions"]] == [each.sentence for each in named]


def test_a_shared_report_has_none_and_keeps_its_sentences() -> None:
    made = whole({"share": True}, location=PLACES)
    assert made.actions is None
    assert "What to do this week" not in draw(made)
    assert any("Harbour" in sentence for sentence in made.in_short)


def test_a_group_of_few_people_and_a_class_that_is_seldom_full_ask_for_nothing() -> None:
    counts = build.counts(100, 100, top_missed=85, top_rated=85)
    places = build.named("location", ("Harbour", counts), ("Old Town", build.counts(900, 140)))
    made = whole(location=places, occupancy=build.rows("occupancy", FULL | {"full_sessions": 1}))
    assert made.standouts.found[0].verdict.few_people is True
    assert actions(made) == ()
    assert any(sentence.startswith("Harbour: ") for sentence in made.in_short)


@pytest.mark.parametrize("family", ["location", "service", "staff"])
def test_a_group_without_a_name_is_nothing_to_look_into(family: str) -> None:
    """Nobody can visit "Bookings without a location"; the next group that has a name is looked into instead."""
    nameless, high, rest = (None, build.counts(60, 140)), ("Harbour", build.counts(120, 80)), build.counts(900, 140)
    for groups, said in (([nameless], []), ([nameless, high], ["Harbour"])):
        made = whole(**{family: build.named(family, *groups, ("Old Town", rest))})
        assert "ithout a" in made.standouts.found[0].phrase
        kinds = [each for each in actions(made) if each.kind == "group"]
        assert [name for name in ("ithout a", "Harbour") for each in kinds if name in each.sentence] == said


def test_registers_are_those_of_the_last_four_weeks_and_older_ones_are_perhaps_beyond_memory() -> None:
    old = {"session_id": "old", "staff": "Di", "location": "Hill", "local_start": START - dt.timedelta(weeks=9)}
    older = pl.concat([REGISTERS, build.rows("registers", old | {"unmarked_bookings": 40})])
    made = whole(registers=older, empty_seats=PRICES)
    (action,) = actions(made)
    assert plain(action.sentence) == (
        "Fill in the registers of the last four weeks: 3 past sessions have 60 bookings that nobody marked, 25 of them "
        "with Bo at Harbour, the largest number."
    )
    # Six tenths of the unmarked bookings, whose list price is EUR 725.
    assert (action.bookings, plain(action.size)) == (
        60,
        (
            "Their list price is EUR 435; whether they came is unknown. 40 unmarked bookings are older, perhaps beyond "
            "memory."
        ),
    )
    assert actions(whole(registers=older.filter(session_id="old"))) == ()
    assert made.registers.registers[-1].start.startswith("2025-12-15")


def test_a_part_of_the_day_has_a_line_that_its_action_leads_to() -> None:
    """Parts of the day have no table."""
    rows = [
        {"family": "daypart", "week": week, "location_id": "h", "location": "Harbour", "local_hour": hour}
        | {"bookings": 40, "rated_bookings": 40, "missed_bookings": missed + week.day % 2, "session_squares": 40}
        for week in WEEKS
        for hour, missed in ((9, 2), (14, 3), (18, 14))
    ]
    made = whole(weeks=build.rows("weeks", *rows))
    (action,) = (each for each in actions(made) if each.kind == "group")
    assert action.sentence.startswith("Look into evening sessions at Harbour: ")
    page = draw(made)
    (counted,) = re.findall(r"\((\d+ of \d+)\)", action.sentence)
    line = page[page.index(f'<p id="{action.anchor}">') :]
    assert counted in plain(text_of(line[: line.index("</p>")]))


def test_sizes_that_can_count_the_same_bookings_are_said_not_to_add_up() -> None:
    both = whole(**FINDINGS["people"], **FINDINGS["group"])
    assert both.actions.overlap in draw(both)
    assert both.actions.overlap
    assert not whole(**FINDINGS["group"], **FINDINGS["registers"]).actions.overlap


OLD_DAYS = build.dated("day", (dt.date(2025, 11, 3), build.counts(90, 10)))
NONE_MARKED = build.rates([({}, build.counts(0, 0, 60))], {})
NO_PLACE = build.named("location", (None, build.counts(60, 140)), ("Old Town", build.counts(900, 140)))
HALF_NO_PLACE = build.named("location", (None, build.counts(250, 60)), ("Old Town", build.counts(250, 60)))
ALONE = build.rows(
    "repeat_no_shows",
    *(
        {"participant_id": f"c{n}", "participant_name": "Pat", "no_shows_in_a_year": 2, "no_shows": missed}
        | {"rated_bookings": 84, "bookings": 90, "last_no_show": START.date()}
        for n, missed in enumerate((25, 6, 5))
    ),
)
# The first answers of a page, by the kind of its records.
TRUSTED: dict[str, tuple[dict[str, pl.DataFrame], str]] = {
    "old": ({"day": OLD_DAYS}, "Load newer records: these end on 3 November 2025, so everything here is about the "),
    "unmarked": (
        {"overall": NONE_MARKED, "registers": REGISTERS},
        "Start marking who came: none of 60 past bookings is marked. Begin with the sessions of Bo at Harbour.",
    ),
    "one outcome": (
        {"overall": build.rates([({}, build.counts(398, 0))], {})},
        "Check that absences are marked at all: of 398 marked bookings, none is a no-show.",
    ),
    "nameless": (
        {"location": NO_PLACE},
        (
            "Enter the missing locations: of the 200 marked bookings without, 70.0 % (140 of 200) are no-shows, "
            "5.2 times the 13.5 % of the rest."
        ),
    ),
}


@pytest.mark.parametrize("kind", TRUSTED)
def test_what_makes_the_figures_trustworthy_comes_first(kind: str) -> None:
    frames, said = TRUSTED[kind]
    made = whole(**FINDINGS["people"], **frames)
    first = actions(made)[0]
    assert (first.kind, plain(first.sentence)[: len(said)]) == (kind, said)
    page = draw(made)
    assert f'id="{first.anchor}"' in page
    assert first.sentence in page
    assert made.actions.nothing is None


def test_marks_that_are_all_alike_are_checked_if_they_are_many_and_are_not_compared() -> None:
    def said(attended: int, missed: int) -> tuple[list[str], str]:
        made = whole(overall=build.rates([({}, build.counts(attended, missed))], {}))
        return [each.kind for each in actions(made)], made.benchmarks.verdict

    alike = "Nobody can say before the marks are checked: they are all alike."
    assert said(398, 0) == said(0, 398) == (["one outcome"], alike)
    assert said(12, 0)[0] == said(390, 8)[0] == []
    assert "hotels" in said(390, 8)[1]


def test_bookings_without_a_name_are_entered_if_they_are_many_though_they_do_not_stand_out() -> None:
    made = whole(overall=build.rates([({}, build.counts(500, 120))], {}), location=HALF_NO_PLACE)
    assert [plain(each.sentence) for each in actions(made)] == [
        "Enter the missing locations: 310 past bookings of 620 have none, so they cannot be compared."
    ]
    few = build.named("location", (None, build.counts(25, 6)), ("Old Town", build.counts(475, 114)))
    nobody = build.named("location", (None, build.counts(500, 120)))
    for places in (few, nobody):
        assert actions(whole(overall=build.rates([({}, build.counts(500, 120))], {}), location=places)) == ()


def test_one_person_far_above_all_others_is_named_even_if_others_bring_more() -> None:
    made = whole(repeat_no_shows=ALONE, **FINDINGS["group"], **FINDINGS["seats"], **FINDINGS["registers"])
    assert [each.kind for each in actions(made)] == ["registers", "group", "person"]
    who, action = pseudonym(KEY, "c0"), actions(made)[-1]
    assert plain(action.sentence) == (
        f"Speak to {who}: 25 of 84 marked bookings are no-shows. The next of those with repeat no-shows has 6."
    )
    # At the rate of all others, 215 of 1,156, it would be 16.
    assert action.bookings == 9
    (finding,) = (door.finding for door in made.doors if door.title == "Who")
    assert plain(finding) == f"3 people with two or more no-shows within any one year; {who} has 25 of 84, the next 6."
    near = ALONE.with_columns(no_shows=pl.Series([17, 6, 5]))
    assert [each.kind for each in actions(whole(repeat_no_shows=near))] == []


@pytest.mark.parametrize(
    ("keepers", "said"),
    [
        ({("Ana", "Hill"): 3, ("Ana", "Dale"): 3, ("Bo", "Dale"): 4}, "6 of them with Ana, the largest number"),
        ({("Ana", "Hill"): 3, ("Bo", "Dale"): 3, ("Cy", ""): 1}, "3 each with Ana at Hill and Bo at Dale, the largest"),
        ({(name, ""): 3 for name in "ABCD"}, "no more than 3 with anybody"),
        ({("Ana", "Hill"): 3, ("Ana", "Dale"): 3}, "all with Ana"),
        ({(NO_STAFF, "Hill"): 3, (NO_STAFF, "Dale"): 5}, "5 of them with no named member of staff at Dale"),
        ({}, ""),
    ],
)
def test_registers_are_counted_by_person_over_all_locations(keepers: dict[tuple[str, str], int], said: str) -> None:
    rows = [Keeper(place, who, 1, unmarked, None) for (who, place), unmarked in keepers.items()]
    whose = register_values(rows)["whose"]
    assert (whose[: len(said)], bool(whose)) == (said, bool(said))


def records(kind: str) -> Records:
    firsts = [dt.date(2025, month, 1) for month in range(1, 7)]
    return Records(firsts if kind == "monthly" else [dt.date(2025, 6, 3)], dt.date(2026, 3, 1))


STANDS_OUT = GroupVerdict("location", "None", "found", "more", 140, 200, 140, 1040, 9.0, True, None, False, 0.1, None)
QUESTIONS: Sequence[tuple[Sequence[Sentence[Any]], Sequence[Any]]] = (
    (sentences.OLD, [records("monthly"), records("daily")]),
    (sentences.UNMARKED, [(), (Holder("Ana", 3, "k"),), (Holder(NO_STAFF, 3, "k", is_named=False),)]),
    (sentences.ASIDE, [0, 1, 32]),
    (sentences.OLDER, [0, 1, 32]),
    (sentences.NAMELESS, [Missing("location", 3, None), Missing("location", 200, STANDS_OUT)]),
    (sentences.PERSON, [0, 6]),
    (sentences.PEOPLE, [1, 6]),
    (WHOSE, [(), *([Holder("Ana", 3, "k")] * n for n in (1, 2, 3, 4))]),
)


@pytest.mark.parametrize(("rows", "verdicts"), QUESTIONS)
def test_of_each_question_one_sentence_is_true_and_each_has_its_time(
    rows: Sequence[Sentence[Any]], verdicts: Sequence[Any]
) -> None:
    true = [[row.is_true(each) for row in rows] for each in verdicts]
    assert [sum(each) for each in true] == [1] * len(true)
    assert all(any(column) for column in zip(*true, strict=True))


BRINGS: Sequence[Brings] = ("certain", "beyond others", "beyond expected", "more booked", "kept", "presumed")


@pytest.mark.parametrize("brings", BRINGS)
@pytest.mark.parametrize("value", [None, Decimal(5)])
def test_each_size_has_one_sentence(brings: Brings, value: Decimal | None) -> None:
    size = Size(brings, 3, value)
    (text,) = (sentence.text for sentence in sentences.SIZES if sentence.is_true(size))
    assert ("{worth}" in text or "{price}" in text) == (brings != "presumed" and (brings, value) != ("certain", None))
    # Filling in a register brings no money back.
    assert ("at list price" in text) is False


@pytest.mark.parametrize("kept_by", ["staff", "location", "service"])
def test_who_has_marked_nobody_for_long_is_asked(kept_by: str) -> None:
    row = {"kept_by": kept_by, "keeper_id": "a", "keeper": "Harbour", "bookings": 400, "marks_made": 30}
    dates = {"last_mark": dt.date(2026, 1, 1), "last_booking": dt.date(2026, 3, 2)}
    one_sided = build.rows("regimes", {"marks": "no_shows", "bookings": 400})
    (action,) = actions(whole(regimes=one_sided, silent_markers=build.rows("silent_markers", row | dates)))
    assert (action.kind, action.bookings) == ("silent", 370)
    assert action.sentence.startswith("Ask whether ")
    assert "Harbour: nobody was marked for 60" in action.sentence or "Harbour still marks" in action.sentence
    assert plain(action.size) == "The outcome of 370 bookings is presumed until then."


@pytest.mark.parametrize("rows", [sentences.REGISTERS, sentences.FACTOR, sentences.GROUP, sentences.SEATS])
def test_sentences_have_their_numbers_beside_them(rows: Sequence[Sentence[Any]]) -> None:
    for sentence in rows:
        assert re.search(r"\{(unmarked|theirs|standing|full)\}", sentence.text), sentence.text
