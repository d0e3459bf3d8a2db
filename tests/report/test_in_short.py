"""The sentences of a report, for every amount of data."""

from __future__ import annotations

from support import report_frames as build
from support.report_frames import plain, report

from reports.sections.actions.findings import Findings
from reports.sections.in_short.content import sentences_of
from reports.sections.registers.content import Keeper, Registers
from reports.sections.where.standouts import NO_STANDOUTS


def test_in_short_says_only_what_there_is() -> None:
    some = report()
    assert [plain(sentence) for sentence in some.in_short] == [
        "25.0 % of the bookings are no-shows (8 of 32 marked bookings; 95 % interval 13.3 % to 42.1 %).",
        "No service, session series, place or person is found to lose more bookings than the others.",
        "Whether the rate changed was not tested: that takes 12 weeks with a rate, and there are 2.",
    ]
    nothing = report(overall=build.rates([({}, build.counts(0, 0, 12))], {}))
    assert [plain(sentence) for sentence in nothing.in_short] == [
        "None of 12 due bookings is marked as attended or not attended."
    ]
    tiny = report(overall=build.rates([({}, build.counts(3, 1, 2))], {}))
    assert tiny.in_short == ("1 of 4 marked bookings are no-shows: too few to say more.",)
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
