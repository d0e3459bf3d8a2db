"""The sentences of a report, for every amount of data."""

from __future__ import annotations

import re

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.seen import text_of

from reports.registry import SECTIONS
from reports.sections.actions.findings import Findings
from reports.sections.in_short.content import sentences_of
from reports.sections.registers.content import Keeper, Registers
from reports.sections.where.standouts import NO_STANDOUTS


def test_in_short_says_only_what_there_is() -> None:
    some = report()
    assert [plain(sentence) for sentence in some.in_short] == [
        "25.0 % of the bookings are no-shows (8 of 32 marked bookings; likely range 13.3 % to 42.1 %).",
        "No service, session series, place or person is found to have more no-shows than the others.",
        "Whether the rate changed was not tested: that takes 12 weeks with a rate, and there are 2.",
    ]
    nothing = report(overall=build.rates([({}, build.counts(0, 0, 12))], {}))
    assert [plain(sentence) for sentence in nothing.in_short] == [
        "None of 12 past bookings is marked as attended or not attended."
    ]
    tiny = report(overall=build.rates([({}, build.counts(3, 1, 2))], {}))
    assert tiny.in_short == ("1 of 4 marked bookings is a no-show: too few to say more.",)
    few = report(overall=build.rates([({}, build.counts(24, 8, 40))], {}))
    assert plain(few.in_short[0]).startswith("Between 11.1 % and 66.7 % of the bookings are no-shows: only 44.4 %")


def test_nobody_is_said_to_have_most_registers_who_has_not_over_half() -> None:
    """Fifty of a hundred and twenty are the largest number, not most of them."""
    keepers = [Keeper("", name, 4, unmarked, None) for name, unmarked in (("Ana", 40), ("Bo", 50), ("Cy", 30))]
    found = Registers(12, 120, tuple(keepers), (), None)
    headline = report().headline
    (said,) = (
        plain(sentence)
        for sentence in sentences_of(Findings(headline, NO_STANDOUTS, None, found, 10, None))
        if "nobody marked" in sentence
    )
    assert said == (
        "12 past sessions have 120 bookings that nobody marked, 50 of them with Bo, the largest number: "
        "filling those in makes every figure here surer."
    )


def test_each_section_behind_has_a_door_with_its_finding() -> None:
    made = report(
        empty_seats=build.rows("empty_seats", {"currency": "EUR", "value_absent": 50, "value_unmarked": 25}),
        concentration=build.rows("concentration", {"rated_bookings": 1, "missed_bookings": 0, "people": 32}),
    )
    found = {door.title: plain(door.finding or "") for door in made.doors}
    assert list(found) == [section.title for section in made.on_page if not section.is_first_page]
    assert found == {
        "Figures": "94.1 % of past bookings are marked.",
        "Registers": "Every booking is marked.",
        "Where": "No group is found to have more no-shows than the others.",
        "When": "22.2 % of bookings for the same day do not come, 28.6 % of those made over 28 days ahead.",
        "Over time": "Too few weeks with marks to test whether the rate changed.",
        "Who": "Nobody has two or more no-shows within any one year.",
        "Worth": "The list price of the no-shows is EUR 50, which need not be money lost.",
        "Trust": "4 of 120 records were set aside. Counted as others count, the rate is 23.5 % to 25.0 %.",
        "Every session": "No session is over yet.",
        "Method": "27 terms explained.",
    }
    page = draw(made)
    doors = page[page.index('<ul class="doors">') :]
    anchors = re.findall(r'href="#([^"]+)"', doors[: doors.index("</ul>")])
    assert anchors == [door.anchor for door in made.doors]
    assert all(f'id="{anchor}"' in page for anchor in anchors)


def test_the_door_to_where_names_the_groups_that_lose_more() -> None:
    groups = [("Harbour", build.counts(100, 100)), ("Old Town", build.counts(900, 140))]
    made = report(
        overall=build.rates([({}, build.counts(1000, 240))], {}),
        location=build.named("location", *groups),
        service=build.named("service", ("Yoga", build.counts(100, 90)), ("Old Town", build.counts(900, 150))),
    )
    (finding,) = (door.finding for door in made.doors if door.title == "Where")
    assert plain(finding) == "More no-shows than elsewhere: Harbour and Yoga."


@pytest.mark.parametrize("part", [None, "Harbour"])
def test_a_shared_report_has_sentences_and_doors_to_its_sections_only(part: str | None) -> None:
    made = report({"share": True, "part": part})
    doors = {door.title for door in made.doors}
    assert doors == {section.title for section in SECTIONS if section in made.on_page and not section.is_first_page}
    assert doors.isdisjoint({"Registers", "Who", "Every session"})
    page = text_of(draw(made))
    for sentence in made.in_short[1:]:
        assert plain(sentence) in page
    assert plain(made.in_short[0]) not in page


def test_a_report_with_actions_does_not_repeat_them_as_sentences() -> None:
    made = report()
    assert made.actions is not None
    assert '<ul class="sentences">' not in draw(made)
