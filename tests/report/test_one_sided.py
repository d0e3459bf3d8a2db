"""Reports of sources that record one side only, that excuse, that stand for many, and that know more of a booking."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.cases import Case
from support.in_memory import in_memory_case, table
from support.report_frames import plain
from support.samples import few

import reports
from reports.report import Report

AS_OF = "2026-06-01T00:00:00Z"


@pytest.fixture
def case() -> Iterator[Case]:
    with in_memory_case() as made:
        yield made


def give(case: Case, *kinds: tuple[int, str, str], **columns: str) -> None:
    """So many bookings whose source records so, each with a mark or none; all of one session a day."""
    bookings, marks = [], []
    for count, recorded, status in kinds:
        for _ in range(count):
            number = len(bookings)
            name, session = f"b{number}", f"s{number % 28}"
            start = f"2026-03-{number % 28 + 1:02d} 09:00"
            row = {"booking": name, "session": session, "starts_at": start, "service": "Intro call", "staff": "Pat"}
            bookings.append(row | {"marks": recorded} | columns)
            if status:
                is_excused = status == "EXCUSED"
                said = {"status": "NOT_SET" if is_excused else status, "excused": "yes" if is_excused else ""}
                marks.append({"booking": name, "session": session} | said)
    case.given(booking=table(*bookings), attendance=table(*(marks or [{"booking": "x", "session": "x", "status": ""}])))


def made_of(case: Case, **options: Any) -> Report:
    return reports.the_report(case.con, as_of=AS_OF, options=reports.Options(**options))


def drawn(case: Case, folder: Path, **options: Any) -> str:
    reports.build_report(case.con, folder / "report.html", as_of=AS_OF, options=reports.Options(**options))
    return plain((folder / "report.html").read_text(encoding="utf-8")).replace("&nbsp;", " ")


LEAST = (
    "No-show rate at least 10.0 % (40 of 400; 95 % interval 7.4 % to 13.3 %). Whoever was not marked is presumed to "
    "have come, so hosts who never mark look better than they are."
)
# However an export writes that nobody said anything, the headline is one and the same.
WRITTEN = [
    ("no_shows", ""),
    ("no_shows", "NOT_SET"),
    ("no_shows", "ATTENDED"),
    ("default", ""),
    ("default", "ATTENDED"),
]


@pytest.mark.long
@pytest.mark.parametrize(("recorded", "rest"), few(WRITTEN, 2))
def test_only_no_shows_recorded_is_at_least_however_the_rest_is_written(case: Case, recorded: str, rest: str) -> None:
    give(case, (40, recorded, "NOT_ATTENDED"), (360, recorded, rest))
    made = made_of(case)
    assert made.headline.text == LEAST
    assert plain(made.headline.figure) == "at least 10.0 %"
    assert (made.headline.coverage, made.headline.bound_low, made.headline.bounds_lead) == (None, None, False)
    assert made.headline.coverage_reason.startswith("the source records")
    assert not made.registers.has_registers
    assert made.registers.registers == ()
    assert [(one.keeper, one.bookings, one.marks, one.days) for one in made.registers.silent] == [("Pat", 400, 40, 0)]
    assert plain(made.in_short[0]).startswith("At least 10.0 % of the bookings are no-shows (40 of 400 bookings;")


@pytest.mark.long
def test_the_page_of_such_a_source_asks_for_no_register(case: Case, tmp_path: Path) -> None:
    give(case, (40, "no_shows", "NOT_ATTENDED"), (360, "no_shows", ""))
    page = drawn(case, tmp_path)
    for word in ("filling those in", "Registers to fill in</h2>", "No-shows of marked", "Possible range</dt>"):
        assert word not in page, word
    assert "There is no register to fill in" in page


@pytest.mark.long
def test_only_arrivals_recorded_is_at_most(case: Case) -> None:
    give(case, (360, "arrivals", "ATTENDED"), (40, "arrivals", ""))
    made = made_of(case)
    assert made.headline.text == (
        "No-show rate at most 10.0 % (40 of 400; 95 % interval 7.4 % to 13.3 %). Whoever was not recorded is presumed "
        "to have stayed away, so who slipped in unrecorded looks like a no-show."
    )
    assert "Unmarked" not in {share.name for share in made.shares}
    assert plain(made.in_short[0]).startswith("At most 10.0 % of the bookings are no-shows (40 of 400 bookings;")
    assert made.headline.coverage is None


@pytest.mark.long
def test_sources_of_both_kinds_are_told_in_words_without_at_least_or_at_most(case: Case) -> None:
    give(
        case, (20, "default", "NOT_ATTENDED"), (80, "no_shows", ""), (50, "arrivals", "ATTENDED"), (10, "arrivals", "")
    )
    headline = made_of(case).headline
    assert "at least" not in headline.text
    assert "at most" not in headline.text
    assert headline.text.endswith(
        "100 bookings are presumed to have come unless somebody said otherwise, which makes the rate too low, and 60 "
        "to have stayed away unless recorded, which makes it too high: the truth may lie on either side."
    )


@pytest.mark.long
def test_registers_beside_one_side_keep_their_coverage_and_no_bounds_lead(case: Case) -> None:
    give(case, (10, "both", "NOT_ATTENDED"), (30, "both", ""), (60, "no_shows", ""))
    made = made_of(case)
    headline = made.headline
    assert (headline.missed_bookings, headline.rated_bookings) == (10, 70)
    assert (headline.coverage, headline.bounds_lead) == (10 / 40, False)
    assert headline.coverage_reason is None
    assert "coverage 25.0 % where both sides are recorded" in headline.text
    assert plain(headline.figure) == "at least 14.3 %"
    assert made.registers.has_registers
    assert made.registers.unmarked == 30
    assert [group.possible for ranking in made.rankings for group in ranking.groups if group.possible] == []


def test_excused_complete_a_register_and_stand_beside_the_headline(case: Case) -> None:
    give(case, (6, "both", "ATTENDED"), (2, "both", "NOT_ATTENDED"), (2, "both", "EXCUSED"))
    made = made_of(case)
    headline = made.headline
    assert (headline.no_show_rate, headline.coverage, headline.excused) == (0.25, 1.0, 2)
    assert (headline.missed_bookings, headline.rated_bookings, headline.bookings) == (2, 8, 10)
    assert made.registers.sessions == 0
    facts = {fact.name: (fact.figure, fact.meaning) for fact in made.facts}
    assert facts["Excused"] == ("2", "ill, injured or justified; in neither number of the rate")
    assert [(share.name, share.rows) for share in made.shares] == [
        ("No-show", 2),
        ("Attended", 6),
        ("Unmarked", 0),
        ("Excused", 2),
    ]
    assert ("excused: ill, injured or justified", 2) in [(step.label, step.rows) for step in made.quality.steps]


def test_presumed_outcomes_have_parts_of_the_bar_and_steps_of_their_own(case: Case) -> None:
    give(case, (4, "no_shows", "NOT_ATTENDED"), (6, "no_shows", ""), (3, "arrivals", ""), (7, "arrivals", "ATTENDED"))
    made = made_of(case)
    shown = {share.name: share.rows for share in made.shares}
    assert shown == {"No-show": 4, "Presumed no-show": 3, "Attended": 7, "Presumed attended": 6}
    assert sum(float(share.width) for share in made.shares) == pytest.approx(1000)
    steps = {step.label: step.rows for step in made.quality.steps}
    assert steps["not marked, presumed to have come"] == 6
    assert steps["not marked, presumed to have stayed away"] == 3


@pytest.mark.long
def test_a_source_of_both_sides_names_nothing_presumed(case: Case) -> None:
    give(case, (30, "both", "ATTENDED"), (10, "both", "NOT_ATTENDED"))
    made = made_of(case)
    assert made.headline.text == (
        "No-show rate 25.0 %: 10 of 40 marked bookings did not come (95 % interval 14.2 % to 40.2 %, coverage 100.0 %)."
    )
    assert "presumed" not in json.dumps(reports.report_data(made)["quality"]).replace('"is_presumed": false', "")
    assert "Presumed" not in dict(made.foot.glossary)


@pytest.mark.long
def test_rows_that_stand_for_many_are_said_to(case: Case, tmp_path: Path) -> None:
    give(case, (3, "both", "ATTENDED"), weight="1")
    assert made_of(case).quality.sums is None
    case.clear()
    give(case, (2, "both", "ATTENDED"), weight="12")
    made = made_of(case)
    assert made.headline.bookings == 24
    assert made.quality.sums.startswith(
        "Some figures come from sums: 24 of 24 bookings stand in rows of the source for"
    )
    assert "Some figures come from sums" in drawn(case, tmp_path)


@pytest.mark.long
def test_reports_by_attribute(case: Case, tmp_path: Path) -> None:
    give(case, (12, "both", "ATTENDED"), attributes='{"reminder":true}')
    page = drawn(case, tmp_path, attributes=("reminder", "deposit"))
    made = made_of(case, attributes=("reminder", "deposit"))
    reminder, deposit = made.attributes
    assert [(row.name, row.no_shows, row.marked, row.rate) for row in reminder.values] == [("yes", 0, 12, 0.0)]
    assert deposit.values == ()
    assert "No past booking has the attribute <code>deposit</code>" in page
    assert "attributes.reminder" in made.sql
    assert made_of(case).attributes == ()
    assert made_of(case, attributes=("reminder",), share=True).attributes is None
    filtered = reports.the_report(case.con, as_of=AS_OF, where={"attributes.reminder": False})
    assert filtered.headline.bookings == 0
    kept = reports.the_report(case.con, as_of=AS_OF, where={"attributes.reminder": True})
    assert kept.headline.bookings == 12


@pytest.mark.long
def test_every_count_on_the_page_is_one_of_the_rate(case: Case, tmp_path: Path) -> None:
    """No table falls back to marked bookings: 56 of 280 bookings are marked, two of each ten."""
    give(case, (56, "no_shows", "NOT_ATTENDED"), (224, "no_shows", ""))
    page = drawn(case, tmp_path)
    assert "56 of 280" in page
    assert "56 of 56" not in page
    cells = [cell for _, line in made_of(case).when.grid.rows for cell in line if cell]
    assert {(cell.no_shows, cell.marked) for cell in cells} == {(8, 40)}
    assert "nothing marked" not in page


def test_the_marks_of_one_side_are_counted_and_not_said_to_be_none(case: Case, tmp_path: Path) -> None:
    give(case, (40, "no_shows", "NOT_ATTENDED"), (60, "no_shows", ""))
    assert re.search(r"Marked</abbr></dt><dd>40 of 100 ", drawn(case, tmp_path))
