"""Factors that go with no-shows, as the report says it: each sentence beside the condition that makes it true."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import draw, plain, report
from support.simulated_cells import Simulated, medical, simulate

from queries.measures.associations import OddsRatio, Turned, associations
from queries.measures.cells import coded, model
from queries.measures.concentration import Concentration, concentration
from queries.model.factors import FACTORS
from reports.data import report_json
from reports.sections.factors import in_words
from reports.sections.factors.content import (
    VERDICTS,
    FactorRow,
    Factors,
    LevelRow,
    design_effects_of,
    factors_of,
    model_of,
)
from reports.sections.factors.in_words import DIFFERENCES, Compared
from reports.sections.factors.naming import beyond, level_phrase, words_for

HALF = "Half of the no-shows are made by 12 of 310 people"
SERVICES = {f"service-{n}": f"service {n}" for n in range(8)}
PEOPLE = pl.DataFrame(
    {"rated_bookings": [10, 10, 10], "missed_bookings": [5, 1, 0], "people": [4, 20, 100]},
    schema=dict.fromkeys(("rated_bookings", "missed_bookings", "people"), pl.Int64),
)


def found_in(made: Simulated) -> Factors:
    return factors_of(model_of(made.cells, 10, made.design_effects()), SERVICES, 10)


def compared(high: tuple[int, int], low: tuple[int, int], odds: OddsRatio, **more: Any) -> Compared:
    return Compared(
        "lead time", "remind", "late ones", "early ones", high, low, odds, "it would be 3.0 % against 2.0 %", **more
    )


def test_reminders_sent_for_long_leads_are_confounded_in_words() -> None:
    found = found_in(medical(1))
    (sms,) = (row for row in found.factors if row.title == "sms")
    assert sms.is_confounded
    assert plain(sms.said or "") == (
        "Of the bookings with sms “yes”, 24.0 % (1,559 of 6,494) are no-shows; of the bookings with sms “no”, 15.0 % "
        "(2,025 of 13,506). Days booked ahead explains it: where both occur (2 days ahead or more), it is 24.0 % "
        "(1,559 of 6,494) against 28.1 % (1,483 of 5,284)."
    )
    assert plain(found.leading or "").startswith(
        "Of the bookings made over 28 days ahead, 34.3 % (419 of 1,223) are no-shows: 7.1 times the 4.8 % "
        "(352 of 7,271) of the bookings for the same day. Everything else being equal, it would be 37"
    )


@pytest.mark.parametrize(
    ("odds", "said"),
    [
        (OddsRatio(1.02, 0.8, 1.3), "no difference shows: it would be 15.2 % (likely range 12.4 % to"),
        (OddsRatio(0.7, 0.6, 0.8), "it is the other way round: it would be 11.0 % (likely range 9.6 % to"),
        (OddsRatio(1.2, 1.1, 1.3), "little of the difference is left: it would be 17.5 % (likely range 16.2 % to"),
    ],
)
def test_a_confounded_factor_that_turns_in_no_stratum_has_its_adjusted_odds(odds: OddsRatio, said: str) -> None:
    cells = coded(medical(1).cells, 10)
    found = associations(cells, model(cells, list(cells.levels)), 10)
    sms = next(each for each in found if each.factor == "attributes.sms")
    levels = tuple(replace(each, adjusted=each.adjusted and odds) for each in sms.levels)
    changed = replace(sms, turned=None, levels=levels, plainly_apart=replace(sms.plainly_apart, odds=odds))
    assert f"explain it: everything else being equal, {said}" in plain(in_words.confounded(changed, {}))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_rate_with_others_equal_is_that_of_the_table(seed: int) -> None:
    """One figure for one thing: not another one in the sentence, at the odds between its two levels."""
    found = found_in(medical(seed))
    factor = next(row for row in found.factors if row.compared)
    assert factor.compared is not None
    said = plain(factor.compared.equal)
    rows = {level.name: level for level in factor.levels}
    rates = {f"{100 * row.equal[0]:.1f} %" for row in rows.values() if row.equal}
    rates |= {f"{100 * (row.rate or 0):.1f} %" for row in rows.values() if row.is_reference}
    assert set(re.findall(r"(?:be|against) ([\d.]+ %)", said)) <= rates
    assert said.count("against") == 1


def test_design_effects_are_those_of_the_counts() -> None:
    """Of groups and bands of lead time their own, of other levels that of all bookings; without any, 1."""
    plain_frames = build.frames()
    assert design_effects_of(plain_frames).of("lead_time", "same day") == 1
    widened = build.frames(
        overall=plain_frames.overall.with_columns(design_effect=pl.lit(1.4)),
        service=plain_frames.by["service"].with_columns(design_effect=pl.Series([1.3, 1.2, None], dtype=pl.Float64)),
        lead_time=plain_frames.by["lead_time"].with_columns(design_effect=pl.Series([1.1, 1.05])),
    )
    effects = design_effects_of(widened)
    asked = (("service", "id-0"), ("service", "id-2"), ("lead_time", "over 28 days"), ("visit", "first"))
    assert [effects.of(*each) for each in asked] == [1.3, 1.0, 1.05, 1.4]


def test_nothing_is_said_of_factors_without_an_effect() -> None:
    found = found_in(simulate(2, habits=0.7))
    assert found.leading is None
    assert {row.answer for row in found.factors} == {"not found"}
    assert not any(row.said for row in found.factors)


def test_too_few_no_shows_are_not_tested() -> None:
    cells = simulate(3, bookings=400).cells.head(40)
    found = factors_of(model_of(cells, 10), SERVICES, 10)
    assert found.missing == f"there are too few no-shows ({cells['missed_bookings'].sum()})"
    assert not found.factors


@pytest.mark.parametrize("seed", range(6))
def test_most_is_said_if_the_longest_leads_have_over_half_of_the_no_shows(seed: int) -> None:
    made = simulate(seed, bookings=1600, lead=0.3)
    by_band = {band: rows["missed"] for (band,), rows in made.frame.group_by("lead_time")}
    bands = [band for band in FACTORS[0].sequence if band in by_band]
    rate = made.frame["missed"].mean()
    run: list[str] = []
    while len(run) < len(bands) and by_band[bands[-1 - len(run)]].mean() > rate:  # type: ignore[operator]
        run.insert(0, bands[-1 - len(run)])
    missed, rated = (sum(int(getattr(by_band[band], of)()) for band in run) for of in ("sum", "len"))
    share = missed / int(made.frame["missed"].sum())
    said = plain(found_in(made).leading or "")
    expected = f"Most no-shows ({100 * share:.1f} %) are of bookings made {beyond(run[0])}, which are "
    assert (expected in said) == ("Most" in said) == (share > 0.5)
    if share > 0.5:
        assert f"which are {100 * rated / 1600:.1f} % of all" in said


def test_one_sentence_on_a_difference_is_true_and_it_is_true_of_its_numbers() -> None:
    odds = (OddsRatio(2.0, 1.5, 2.6), OddsRatio(1.2, 0.8, 1.8))
    for k1, k2, ratio in product((0, 10, 30), (0, 10, 30), odds):
        case = compared((k1, 100), (k2, 100), ratio)
        said = plain(in_words.in_words(case))
        assert sum(sentence.is_true(case) for sentence in DIFFERENCES) == 1
        assert ("it would be " in said) == (ratio.is_clear and not k2 == 0 < k1)
        assert ("early ones, none" in said) == (ratio.is_clear and k2 == 0 < k1)
        assert ("do not show it" in said) == (ratio.is_clear and k1 <= k2)
        assert ("about three times the 10.0 %" in said) == (ratio.is_clear and (k1, k2) == (30, 10))


@pytest.mark.parametrize(("share", "of_all", "is_said"), [(0.51, 0.3, True), (0.5, 0.3, False), (0.8, 0.9, False)])
def test_most_is_said_above_half_only(share: float, of_all: float, is_said: bool) -> None:
    case = compared((30, 100), (10, 100), OddsRatio(2, 1.5, 3), beyond=("8 days ahead or more", share, of_all))
    assert ("Most no-shows" in in_words.in_words(case)) == is_said


def test_factors_that_an_owner_cannot_act_on_do_not_lead() -> None:
    assert words_for("visit").remedy is None
    assert words_for("attributes.age_band").remedy is None
    assert words_for("attributes.sms_reminder").remedy == "decide who is reminded"
    assert words_for("attributes.sms_reminder").title == "sms reminder"


def rows_of(*rows: tuple[str, str, int, int]) -> Factors:
    """The factors of bookings by lead time, channel, rated and missed."""
    names = ("lead_time", "attributes.channel", "rated_bookings", "missed_bookings")
    frame = pl.DataFrame(
        rows, schema=dict(zip(names, (pl.String, pl.String, pl.Int64, pl.Int64), strict=True)), orient="row"
    )
    keys = {name: pl.lit(None, pl.String) for name in ("part", "location_id", "staff_id")}
    return factors_of(model_of(frame.with_columns(service=pl.lit("service-1"), **keys), 10), SERVICES, 10)


@pytest.mark.parametrize(
    ("short", "long", "remedy"),
    [(40, 200, "take bookings less far ahead"), (200, 40, "ask those who book at short notice to confirm")],
)
def test_the_remedy_is_for_the_side_that_is_missed_more(short: int, long: int, remedy: str) -> None:
    found = rows_of(("same day", "web", 1000, short), ("22-28 days", "web", 1000, long))
    assert f"You can act on this: {remedy}" in (found.leading or "")


@pytest.mark.parametrize(("early", "late", "leads"), [(100, 110, False), (60, 300, True)])
def test_factors_that_cannot_be_told_apart_lead_only_if_their_plain_rates_differ(
    early: int, late: int, leads: bool
) -> None:
    """The channel goes with the lead time but for a few bookings, by which alone the two differ."""
    few = (0, 25) if not leads else (1, 4)
    found = rows_of(
        *(("same day", "web", 1000, early), ("same day", "phone", 30, few[0])),
        *(("over 28 days", "phone", 1000, late), ("over 28 days", "web", 30, few[1])),
    )
    assert found.factors[0].answer == "found"
    assert (found.leading is not None) == leads
    assert not any(factor.is_confounded for factor in found.factors)


@pytest.mark.parametrize(
    ("strata", "said"),
    [
        (("2-7 days", "8-14 days", "15-21 days", "22-28 days", "over 28 days"), "2 days ahead or more"),
        (("22-28 days", "over 28 days"), "22 days ahead or more"),
        (("2-7 days", "8-14 days"), "2-7 days and 8-14 days"),
        (("same day", "1 day"), "same day and 1 day"),
        (("1 day", "over 28 days"), "1 day and over 28 days"),
    ],
)
def test_lead_times_of_a_stratum_are_named_as_they_are(strata: tuple[str, ...], said: str) -> None:
    cells = coded(medical(1).cells, 10)
    found = associations(cells, model(cells, list(cells.levels)), 10)
    sms = next(each for each in found if each.factor == "attributes.sms")
    turned = Turned("lead_time", strata, 10, 100, 20, 100)
    assert f"where both occur ({said})" in in_words.confounded(replace(sms, turned=turned), {})


@pytest.mark.parametrize(
    ("factor", "level", "phrase"),
    [
        ("lead_time", "same day", "bookings for the same day"),
        ("lead_time", "2-7 days", "bookings made 2-7 days ahead"),
        ("lead_time", None, "bookings made at an unknown time"),
        ("local_weekday", "1", "bookings of sessions on Mondays"),
        ("local_hours", "9:00-12:00", "bookings of sessions at 9:00-12:00"),
        ("local_hours", "before 9:00", "bookings of sessions before 9:00"),
        ("service", "service-1", "bookings of service 1"),
        ("service", "others", "bookings with another service"),
        ("visit", "first", "first visits"),
        ("party", "1", "bookings for one"),
        ("party", "3 and more", "bookings for 3 and more"),
        ("marks", "no_shows", "bookings with marks of the source “no-shows only”"),
        ("attributes.sms", "true", "bookings with sms “yes”"),
    ],
)
def test_levels_read_as_the_bookings_of_a_sentence(factor: str, level: str | None, phrase: str) -> None:
    assert level_phrase(factor, level, SERVICES) == phrase


@pytest.mark.parametrize(
    ("band", "said"),
    [
        ("1 day", "1 day ahead or more"),
        ("2-7 days", "2 days ahead or more"),
        ("22-28 days", "22 days ahead or more"),
        ("over 28 days", "over 28 days ahead"),
    ],
)
def test_a_band_and_all_longer_ones(band: str, said: str) -> None:
    assert beyond(band) == said


def test_the_page_and_the_data_have_the_findings_and_the_first_page_leads_with_the_largest() -> None:
    made = report(
        cells=medical(1).cells,
        concentration=PEOPLE.with_columns(pl.col("people") * 20),
        overall=build.rates([({}, build.counts(16_416, 3_584))], {}),
    )
    page = plain(draw(made))
    section = page[page.index('<h2 id="factors">') :]
    assert "Days booked ahead explains it" in section
    assert "Half of the no-shows are made by" in section
    assert made.factors.leading
    assert made.factors.leading not in made.in_short
    assert [action.kind for action in made.actions.actions][:1] == ["factor"]
    data = json.loads(report_json(made))
    assert data["factors"]["factors"][0]["name"] == "lead_time"
    assert {row["answer"] for row in data["factors"]["factors"]} == {"found", "not found"}
    assert data["concentration"]["found"]["answer"] == "found"


def test_half_is_of_known_people_if_others_are_not_known() -> None:
    for bookings, of in ((1240, ""), (1241, " of known people")):
        found = concentration(PEOPLE, bookings)
        assert f"Half of the no-shows{of} are made by" in in_words.concentrated(found)


def test_a_shared_report_has_none_of_it() -> None:
    made = report({"share": True}, cells=medical(1).cells, concentration=PEOPLE)
    assert (made.factors, made.concentration) == (None, None)
    assert "Factors that go with no-shows" not in draw(made)


def test_a_lake_has_factors_and_does_not_say_how_few_people() -> None:
    about = {"engine": "polars", "left_out": frozenset({"concentration"})}
    made = report(about, cells=medical(1).cells, concentration=pl.DataFrame())
    assert made.factors.leading
    assert made.concentration is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("found", f"{HALF}; if all ran the same risk, it would be 61."),
        (
            "not found",
            f"{HALF}. That their risks differ is not found: if all ran the same risk, it would be 61.",
        ),
    ],
)
def test_how_few_people_make_half_of_the_no_shows(answer: Any, said: str) -> None:
    assert plain(in_words.concentrated(Concentration(310, 400, 3000, 12, 60.6, 0.01, answer))) == said


def test_the_reason_is_said_if_it_was_not_tested() -> None:
    found = Concentration(0, 0, 0, None, None, None, "not tested", "most bookings do not say who made them")
    assert in_words.concentrated(found) == (
        "It was not tested how few people make the no-shows: most bookings do not say who made them."
    )


@pytest.mark.parametrize(
    ("answer", "is_confounded", "detectable", "said"),
    [
        ("found", False, 300.0, "found"),
        ("found", True, 1.5, "found with other factors equal, while the plain rates mislead"),
        ("not found", True, 300.0, "not found: other factors explain the plain rates"),
        ("not found", False, 2.0, "not found (8.2 points would be)"),
        ("not found", False, 10.0, "not found (42.6 points would be)"),
        ("not found", False, 267.6, "cannot be said: too few bookings differ in this alone"),
    ],
)
def test_no_difference_is_named_that_nothing_could_reach(
    answer: str, is_confounded: bool, detectable: float, said: str
) -> None:
    levels = (LevelRow("Yoga", 10, 100, 0.1, None, None, True, False),)
    row = FactorRow("service", "service", answer, 0.5, 2.0, detectable, is_confounded, None, levels, None, None)  # type: ignore[arg-type]
    assert plain(row.verdict) == said
    assert sum(sentence.is_true(row) for sentence in VERDICTS) == 1


@pytest.mark.parametrize(("low", "high", "is_told"), [(0.5, 2.0, True), (0.01, 33.66, False), (0.0, 1.0, False)])
def test_a_rate_that_may_be_anything_is_not_shown(low: float, high: float, is_told: bool) -> None:
    odds = OddsRatio((low + high) / 2, low, high)
    assert LevelRow("Mon", 3, 40, 0.075, odds, odds, False, False, odds.of_rate(0.1)).is_told == is_told
    assert not LevelRow("Mon", 3, 40, 0.075, odds, odds, False, False).is_told


@pytest.mark.parametrize(("rate", "odds", "of_rate"), [(0.1, 2.0, 2 / 11), (0.5, 3.0, 0.75), (0.0, 5.0, 0.0)])
def test_odds_make_a_rate_of_another_by_hand(rate: float, odds: float, of_rate: float) -> None:
    assert OddsRatio(odds, 1.0, odds).of_rate(rate) == pytest.approx((of_rate, rate, of_rate))


def test_the_rate_with_others_equal_is_that_of_the_reference_at_the_adjusted_odds() -> None:
    found = found_in(medical(1))
    for factor in found.factors:
        (reference,) = (level for level in factor.levels if level.is_reference)
        assert reference.equal is None
        for level in factor.levels:
            if level.adjusted and level.equal:
                rate = reference.no_shows / reference.marked
                odds = level.equal[0] / (1 - level.equal[0]) / (rate / (1 - rate))
                assert odds == pytest.approx(level.adjusted.ratio)
