"""Figures that changed since an earlier report, findings of loads, and records set aside."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import about, draw, frames, plain, report

from queries.errors import UsageError
from reports.data import report_data, report_json
from reports.page.render import _breakable
from reports.registry import SECTIONS
from reports.report import report_content
from reports.scope.circumstances import scope_of
from reports.scope.options import Options
from reports.sections.quality.records import SetAside, set_aside_in_words, set_aside_of
from reports.sections.quality.since import changes_since, points_of


def test_what_changed_since_an_earlier_report_and_why() -> None:
    earlier = json.loads(report_json(report()))
    later = frames(
        week=build.dated(
            "week", (dt.date(2026, 2, 16), build.counts(15, 5)), (dt.date(2026, 2, 23), build.counts(10, 4, 2))
        )
    )
    made = report_content(later, about(earlier=earlier), SECTIONS)
    assert made.since is not None
    (changed,) = made.since.changed
    assert (changed.label, changed.was, changed.now) == (
        "2026-W08",
        "4 of 18 marked, of 18\u00a0bookings",
        "5 of 20 marked, of 20\u00a0bookings",
    )
    assert plain(changed.why) == "2 bookings came in late or are past by now, 2 bookings marked since"
    assert (made.since.unchanged, made.since.new) == (1, 0)
    same = report_content(frames(), about(earlier=earlier), SECTIONS)
    assert same.since is not None
    assert same.since.changed == ()


@pytest.mark.parametrize(
    ("earlier", "code"),
    [({}, "since.not_a_report"), ({"scope": {}, "over_time": None}, "since.not_a_report"), ("other", "since.scope")],
)
def test_an_earlier_report_of_another_kind_is_refused(earlier: Any, code: str) -> None:
    if earlier == "other":
        earlier = report_data(report({"filter": "service is Yoga"}))
    with pytest.raises(UsageError) as caught:
        changes_since(earlier, scope_of(about()), "week", ())
    assert caught.value.code == code


@pytest.mark.parametrize(
    "points",
    [
        *(None, 1, {}, [None], [[]], [{}], ["start"]),
        *(
            [{"start": 1}],
            [{"label": None}],
            [{"signal": 1}],
            [{"bookings": "18"}],
            [{"marked": True}],
            [{"marked": 1.5}],
        ),
    ],
    ids=str,
)
def test_an_earlier_report_with_values_of_other_types_is_refused(points: Any) -> None:
    earlier = json.loads(report_json(report()))
    whole = earlier["over_time"]["points"][0]
    if isinstance(points, list) and isinstance(points[0], dict) and points[0]:
        points = [whole | points[0]]
    earlier["over_time"]["points"] = points
    for read in (lambda: changes_since(earlier, scope_of(about()), "week", ()), lambda: points_of(earlier)):
        with pytest.raises(UsageError) as caught:
            read()
        assert caught.value.code == "since.not_a_report"


def test_findings_of_loads_have_a_meaning_and_a_few_examples() -> None:
    rows = [
        *({"finding": "unmet_value", "place": "Result", "records": 2, "value": value} for value in "abcd"),
        {"finding": "unmet_value", "place": "Result", "records": 1, "value": None},
        {"finding": "gone", "place": "Booking", "records": 2, "value": None},
        *({"finding": "new_kind", "place": "Start", "records": 1, "value": value} for value in ("x" * 100, "")),
    ]
    made = report(findings=pl.DataFrame(rows, schema=build.NO_FINDINGS.schema))
    assert [(each.name, each.place, each.records, each.examples) for each in made.quality.findings] == [
        ("gone", "Booking", 2, ""),
        ("new_kind", "Start", 2, f"(empty), {'x' * 59}…"),
        ("unmet_value", "Result", 9, "a, b, c and 1 more"),
    ]
    assert made.quality.findings[2].meaning.startswith("value that the mapping compares")
    assert "Found while loading" in draw(made)
    assert "Found while loading" not in draw(report())


@pytest.mark.parametrize(
    ("read", "aside", "said"),
    [
        (90, 12, "12 of 90 records were set aside (13 %): see How far to trust it."),
        (100, 6, "6 of 100 records were set aside (6 %): see How far to trust it."),
        (100, 5, None),
        (100, 0, None),
    ],
)
def test_the_first_lines_say_when_much_was_set_aside(read: int, aside: int, said: str | None) -> None:
    load = (*build.ONE_LOAD[:3], read, read - aside, 0, 0, 0, aside, 0, 0, build.ONE_LOAD[-1])
    made = report(loads=build.loads(load))
    assert (made.set_aside.records, made.set_aside.of) == (aside, read)
    assert (plain(made.set_aside.sentence) if made.set_aside.sentence else None) == said
    head = plain(draw(made).split("<nav")[0])
    assert ("were set aside" in head) == (said is not None)
    if said:
        assert head.index(said) < head.index('class="subtitle"')
    lenient = report({"options": Options(max_quarantined_share=0.5)}, loads=build.loads(load))
    assert lenient.set_aside.sentence is None
    assert report({"share": True}, loads=build.loads()).set_aside is None


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((9, 3), "12 of 90 records were set aside, most of them because two rows disagree on the same booking"),
        ((6, 6), "12 of 90 records were set aside"),
        ((3, 9), "12 of 90 records were set aside, most of them because a field is not a timestamp"),
    ],
)
def test_the_reason_of_more_than_half_is_named(rows: tuple[int, int], said: str) -> None:
    """Records whose rows contradict each other could be read well enough."""
    rules = ("duplicate_conflict", "instant_format")
    turned_away = build.quarantine(*(("booking", rule, "", n) for rule, n in zip(rules, rows, strict=True)))
    load = (*build.ONE_LOAD[:3], 90, 78, 0, 0, 0, 12, 0, 0, build.ONE_LOAD[-1])
    made = report(loads=build.loads(load), quarantine_by_rule=turned_away)
    (trust,) = (door.finding for door in made.doors if door.title == "Trust")
    assert trust.startswith(f"{said}. ")
    assert made.set_aside.sentence.startswith(said.replace("set aside", "set aside (13\u00a0%)"))


def test_presumed_bookings_are_not_said_to_be_marked_since() -> None:
    def weeks(bookings: int, missed: int) -> pl.DataFrame:
        presumed = build.counts(0, missed, bookings=bookings, rated_bookings=bookings, register_marked=0)
        return build.dated("week", (dt.date(2026, 2, 16), presumed))

    regimes = build.rows("regimes", {"marks": "no_shows", "bookings": 40})
    earlier = json.loads(report_json(report(week=weeks(40, 4), regimes=regimes)))
    later = frames(week=weeks(42, 6), regimes=regimes)
    made = report_content(later, about(earlier=earlier), SECTIONS)
    (changed,) = made.since.changed
    assert (changed.was, changed.now) == ("4 of 40 bookings", "6 of 42 bookings")
    assert plain(changed.why) == "2 bookings came in late or are past by now, 2 no-shows more"


@pytest.mark.parametrize(("fate", "words"), [("superseded", "loaded later"), ("discarded", "discarded")])
def test_a_rare_fate_is_listed_if_it_befell_any_record_and_the_fates_add_up(fate: str, words: str) -> None:
    columns = list(build.LOADS)
    row = list(build.ONE_LOAD)
    row[columns.index("loaded")] -= 5
    row[columns.index(fate)] += 5
    made = report(loads=build.loads(tuple(row)))
    assert words in made.quality.fates
    read, *others = made.quality.totals
    assert read == sum(others)
    assert words not in report().quality.fates


def test_kinds_of_records_break_between_words_only() -> None:
    assert _breakable("attendance+booking") == "attendance+<wbr>booking"
    assert _breakable("<b>") == "&lt;b&gt;"


def test_no_range_takes_everybody_for_missed_where_one_side_is_recorded() -> None:
    """The range read "17.7 % to 100.0 %", since whoever came has no mark at all."""
    unmarked = {"presumed_attended": 82, "rated_bookings": 100, "bookings": 100, "absent": 18, "booked_marked": 100}
    one_sided, both = (
        report(
            overall=build.rates([({}, counts)], {}), regimes=build.rows("regimes", {"marks": marks, "bookings": 100})
        )
        for marks, counts in (("no_shows", build.counts(0, 18) | unmarked), ("both", build.counts(82, 18, 900)))
    )
    said = [plain(each.quality.counted_otherwise) for each in (one_sided, both)]
    # Taking the unmarked for one side gives the possible range, which stands under the figures.
    assert ["100.0 %" in each or "91.8 %" in each for each in said] == [False, False]
    for made, has_rows in ((one_sided, False), (both, True)):
        assert ("unmarked taken as missed" in draw(made)) == has_rows


def test_one_reason_of_all_records_set_aside_is_not_that_of_most() -> None:
    said = {
        has_one: set_aside_in_words(SetAside(32, 432, 0.07, None, "two rows disagree", has_one))
        for has_one in (True, False)
    }
    assert said == {
        True: "32 of 432 records were set aside, all because two rows disagree",
        False: "32 of 432 records were set aside, most of them because two rows disagree",
    }
    rows = [{"rule": "required", "rows": 3}, {"rule": "duplicate_conflict", "rows": 29}]
    for quarantine, is_all in ((rows[1:], True), (rows, False)):
        frame = pl.DataFrame(quarantine)
        loads = pl.DataFrame({"read": [432], "quarantined": [32]})
        found = set_aside_of(loads, frame, 0.05)
        assert found is not None
        assert found.has_one_reason == is_all


def test_records_set_aside_of_the_whole_are_not_told_as_those_of_a_part() -> None:
    loads, quarantine = pl.DataFrame({"read": [90], "quarantined": [3]}), pl.DataFrame({"rule": ["a", "b"], "rows": 1})
    said = []
    for is_of_part in (False, True):
        aside = set_aside_of(loads, quarantine, 0.0, is_of_part)
        assert aside
        said.append(aside.sentence)
    assert said == [
        "3 of 90 records were set aside (3\N{NO-BREAK SPACE}%): see How far to trust it.",
        "3 of 90 records of the whole business were set aside (3\N{NO-BREAK SPACE}%): see How far to trust it.",
    ]
