"""Is that good: the own past and locations, and published rates that are never compared across definitions."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.seen import text_of

from reports.sections.benchmarks.content import ALIKE, HIGHER, LOWER, VERDICTS, Beside, published

MARKED = {"NHS outpatients in England": "7.4 %", "two hotels in Portugal": "1.6 %"}


def test_published_rates_have_a_definition_and_a_source_without_an_address() -> None:
    assert {each.kind for each in published()} == {"marked", "booked", "mixed"}
    for each in published():
        assert 0 < each.rate < 1
        assert each.unit in ("million", "percent", "")
        assert each.definition
        assert each.source
        assert "http" not in each.source
        assert "www" not in each.source


def test_the_rates_are_those_of_their_counts() -> None:
    """Outpatients: 6.2 % of 124.9 million missed, 96.4 million attended; the hotels' public bookings."""
    rates = {each.name: f"{100 * each.rate:.1f} %" for each in published() if each.kind == "marked"}
    assert rates == MARKED
    missed = 0.062 * 124.9
    assert f"{100 * missed / (missed + 96.4):.1f} %" == MARKED["NHS outpatients in England"]
    assert f"{100 * 1207 / (75_166 + 1207):.1f} %" == MARKED["two hotels in Portugal"]


def test_only_the_reports_own_definition_stands_beside_its_rate() -> None:
    made = report()
    seen = text_of(draw(made))
    beside = seen[seen.index("Is that good?") : seen.index("Not comparable")]
    for each in published():
        assert (each.name in beside) == (each.kind == "marked")
        assert (each.name in made.benchmarks.verdict) == (each.kind == "marked")
    assert "GP appointments in England 5.3 % (2017-18; of all appointments booked)" in seen
    assert "mean of 105 studies 23 % (" in seen


@pytest.mark.parametrize(
    "changes",
    [
        {"regimes": build.rows("regimes", {"marks": "no_shows", "bookings": 34})},
        {"overall": build.rates([({}, build.counts(24, 8, 40))], {})},
    ],
)
def test_presumed_outcomes_and_few_marks_have_no_published_rate_beside_them(changes: dict[str, Any]) -> None:
    made = report(**changes)
    assert made.benchmarks.same == ()
    assert len(made.benchmarks.others) == len(published())
    assert "Same definition" not in draw(made)
    assert made.benchmarks.verdict.startswith("No published rate is known")


@pytest.mark.parametrize(
    ("missed", "said"),
    [
        (500, "The rate is higher than NHS outpatients in England (7.4 %, 2019-20) and two hotels in Portugal (1.6 %"),
        (200, "The rate is higher than two hotels in Portugal (1.6 %, 2015-17) and is lower than NHS outpatients"),
        (10, "The rate is lower than NHS outpatients in England (7.4 %, 2019-20) and two hotels"),
        (370, "The rate is higher than two hotels in Portugal (1.6 %, 2015-17) and may equal NHS"),
    ],
)
def test_the_question_is_answered_by_the_likely_range(missed: int, said: str) -> None:
    made = report(overall=build.rates([({}, build.counts(5000 - missed, missed))], {}))
    assert plain(made.benchmarks.verdict).startswith(said)
    assert made.benchmarks.verdict in draw(made)


def test_a_published_rate_of_the_very_records_is_left_out() -> None:
    made = report(overall=build.rates([({}, build.counts(75_166, 1207))], {}))
    assert [each.name for each in made.benchmarks.same] == ["NHS outpatients in England"]
    assert "hotels" not in text_of(draw(made))


def test_of_each_question_one_sentence_is_true_and_each_has_its_time() -> None:
    kinds = [Beside(*each) for each in product(*[((), published()[:1])] * 3, (False, True))]
    for rows in (HIGHER, LOWER, ALIKE, VERDICTS):
        true = [[row.is_true(each) for row in rows] for each in kinds]
        assert [sum(each) for each in true] == [1] * len(kinds)
        assert all(any(column) for column in zip(*true, strict=True))


def test_the_own_past_and_the_own_locations_stand_beside_the_rate() -> None:
    days = [(dt.date(2026, 2, 2), build.counts(80, 20)), (dt.date(2026, 1, 12), build.counts(90, 10))]
    places = [("Harbour", build.counts(60, 20)), ("Old Town", build.counts(90, 10)), ("Hill", build.counts(1, 1))]
    made = report(day=build.dated("day", *days), location=build.named("location", *places)).benchmarks
    assert plain(made.locations) == "10.0 % (10 of 100, Old Town) to 25.0 % (20 of 80, Harbour)"
    assert plain(made.past) == (
        "10.0 % (10 of 100) from 4 Jan 2026 to 31 Jan 2026; 20.0 % (20 of 100) from 1 Feb 2026 to 28 Feb 2026"
    )
    alike = [(name, build.counts(90, 10)) for name in ("Harbour", "Hill")]
    made = report(day=build.dated("day", *days), location=build.named("location", *alike)).benchmarks
    assert plain(made.locations) == "10.0 % at each of 2"
    one = report().benchmarks
    assert one.locations is None


def test_too_few_bookings_and_shared_parts_are_not_compared() -> None:
    assert report(overall=build.rates([({}, build.counts(3, 1))], {})).benchmarks is None
    assert report({"share": True, "part": "Harbour"}).benchmarks is None
