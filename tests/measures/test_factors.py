"""Factors that go with no-shows, and groups like for like, over made-up bookings whose truth is known."""

from __future__ import annotations

import math
from collections.abc import Sequence

import polars as pl
import pytest
from support.samples import few
from support.simulated_cells import medical, simulate

from queries.measures import clustering
from queries.measures.associations import Association, OddsRatio, associations, can_be_modelled
from queries.measures.cells import OTHERS, Cells, coded, model
from queries.measures.design_effects import INDEPENDENT, DesignEffects
from queries.measures.frequent import with_frequent
from queries.measures.group_verdicts import GroupVerdict, group_verdicts
from queries.measures.standardised import Standardised, standardised

Row = tuple[str, str | None, str | None, int, int]


def cells_of(*rows: Row) -> pl.DataFrame:
    """Cells by lead time and channel, at one service, with the staff: lead, channel, staff, rated, missed."""
    names = ("lead_time", "attributes.channel", "staff_id", "rated_bookings", "missed_bookings")
    schema = dict.fromkeys(names[:3], pl.String) | dict.fromkeys(names[3:], pl.Int64)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    alike = {"part": None, "service": "yoga", "location_id": "harbour"}
    return frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in alike.items())


def of(cells: Cells) -> tuple[Association, ...]:
    return associations(cells, model(cells, list(cells.levels)), 10)


def verdicts_on_staff(cells: Cells, groups: Sequence[Standardised]) -> dict[str, GroupVerdict]:
    """The verdicts on staff by independent bookings."""
    squares = {f"{of}_squares": pl.col("rated_bookings") for of in ("contact", "session")}
    withheld = {f"top_{of}": pl.lit(None, pl.Int64) for of in ("missed", "rated", "squares")}
    counts = cells.frame.group_by("staff_id").agg(pl.col("missed_bookings", "rated_bookings").sum()).sort("staff_id")
    flagged = with_frequent(counts.with_columns(**squares, **withheld, design_effect=1.0), 10, clustering.INDEPENDENT)
    found = group_verdicts({"staff": flagged}, groups, clustering.INDEPENDENT, 10)
    return {key: verdict for (_, key), verdict in found.items()}


def test_rare_levels_are_put_together_and_stand_before_the_unknown() -> None:
    rows: list[Row] = [("1 day", channel, "ana", 200, 50) for channel in ("web", "phone", None)]
    rows += [("same day", channel, "ana", 6, 2) for channel in ("fax", "letter")]
    cells = coded(cells_of(*rows), 10)
    assert cells.levels["attributes.channel"] == ("phone", "web", OTHERS, None)
    assert cells.totals("attributes.channel") == [(200, 50), (200, 50), (12, 4), (200, 50)]
    assert cells.levels["lead_time"] == ("same day", "1 day")
    assert cells.left_out == {"service": "one level"}


def test_numbers_are_in_the_order_of_numbers() -> None:
    rows: list[Row] = [("1 day", str(number), "ana", 20, 5) for number in (10, 9, 2)]
    assert coded(cells_of(*rows), 10).levels["attributes.channel"] == ("2", "9", "10")


def test_a_factor_with_too_many_levels_for_the_no_shows_is_not_tested() -> None:
    rows: list[Row] = [("1 day" if n % 2 else "same day", f"c{n}", "ana", 20, 1) for n in range(8)]
    cells = coded(cells_of(*rows), 10)
    assert list(cells.levels) == ["lead_time"]
    assert cells.left_out["attributes.channel"] == "too few"


def test_few_no_shows_are_not_modelled() -> None:
    few: list[Row] = [("1 day", "web", "ana", 40, 4), ("same day", "web", "ana", 40, 5)]
    assert not can_be_modelled(coded(cells_of(*few), 10))
    enough: list[Row] = [("1 day", "web", "ana", 40, 4), ("same day", "web", "ana", 40, 9)]
    assert can_be_modelled(coded(cells_of(*enough), 10))


def test_one_factor_alone_has_the_same_odds_crude_and_adjusted() -> None:
    cells = coded(cells_of(("same day", "web", "ana", 400, 40), ("1 day", "web", "ana", 300, 60)), 10)
    (found,) = of(cells)
    day = found.levels[1]
    assert found.reference == "same day"
    assert day.crude is not None
    assert day.adjusted is not None
    assert day.crude.ratio == pytest.approx(60 * 360 / (240 * 40))
    spread = math.sqrt(1 / 60 + 1 / 240 + 1 / 40 + 1 / 360)
    assert day.crude.high == pytest.approx(day.crude.ratio * math.exp(1.959964 * spread))
    assert (day.adjusted.ratio, day.adjusted.low) == pytest.approx((day.crude.ratio, day.crude.low), rel=0.01)
    assert (found.answer, found.is_confounded) == ("found", False)


def test_a_design_effect_widens_intervals_and_raises_p_values() -> None:
    cells = coded(cells_of(("same day", "web", "ana", 400, 40), ("1 day", "web", "ana", 300, 60)), 10)
    fitted = model(cells, ["lead_time"])
    alone, clustered = (associations(cells, fitted, 10, effect)[0] for effect in (INDEPENDENT, DesignEffects(4.0)))
    assert clustered.p_value > 10 * alone.p_value
    widths = [math.log(each.apart.odds.high / each.apart.odds.low) for each in (clustered, alone)]
    assert widths[0] == pytest.approx(2 * widths[1])


def test_reminders_sent_for_long_leads_only_are_confounded() -> None:
    cells = coded(medical(1).cells, 10)
    by_factor = {each.factor: each for each in of(cells)}
    sms = by_factor["attributes.sms"]
    with_sms = sms.levels[1]
    assert with_sms.level == "true"
    assert with_sms.crude is not None
    assert with_sms.crude.low > 1.5
    assert with_sms.adjusted is not None
    assert with_sms.adjusted.low < 0.78 < with_sms.adjusted.high < 0.9
    assert with_sms.is_confounded
    assert sms.is_confounded
    turned = sms.turned
    assert turned is not None
    assert (turned.factor, turned.strata[0], turned.strata[-1]) == ("lead_time", "2-7 days", "over 28 days")
    assert turned.missed / turned.rated < turned.other_missed / turned.other_rated
    assert not by_factor["lead_time"].is_confounded
    assert next(iter(by_factor)) == "lead_time"


def test_a_difference_that_another_factor_explains_is_confounded_and_not_found() -> None:
    """Web bookings are made for the same day, and channel makes no difference on either day."""
    rows: list[Row] = [
        ("same day", "web", "ana", 900, 45),
        ("same day", "phone", "ana", 100, 5),
        ("over 28 days", "web", "ana", 100, 30),
        ("over 28 days", "phone", "ana", 900, 270),
    ]
    channel = next(each for each in of(coded(cells_of(*rows), 10)) if each.factor == "attributes.channel")
    assert (channel.answer, channel.is_confounded, channel.turned) == ("not found", True, None)


def test_expected_no_shows_are_those_of_the_same_bookings_elsewhere() -> None:
    """Ana has the long leads, Ben is worse than his; a saturated model would expect 3 % and 30 % or so."""
    rows: list[Row] = [
        ("same day", "web", "ana", 200, 8),
        ("over 28 days", "web", "ana", 800, 240),
        ("same day", "web", "ben", 800, 72),
        ("over 28 days", "web", "ben", 200, 80),
        ("same day", "web", "cleo", 500, 20),
        ("over 28 days", "web", "cleo", 500, 150),
    ]
    cells = coded(cells_of(*rows), 10)
    groups = standardised(cells, "staff", model(cells, ["lead_time"]), 10)
    ana, ben, _ = groups
    assert ana.expected == pytest.approx(200 * 100 / 1500 + 800 * 470 / 1500, rel=0.002)
    assert sum(group.expected for group in groups) == pytest.approx(cells.missed, rel=1e-6)
    assert ben.low > 1 > ben.crude_ratio
    assert ana.crude_ratio > 1.2
    verdicts = verdicts_on_staff(cells, groups)
    assert {key: (each.answer, each.side, each.is_flagged, each.is_explained) for key, each in verdicts.items()} == {
        "ana": ("not found", "fewer", True, True),
        "ben": ("found", "more", False, False),
        "cleo": ("not found", "fewer", False, False),
    }


def test_a_group_whose_bookings_nobody_else_has_is_explained_by_nothing() -> None:
    """Ben alone takes bookings by fax: the effect of the fax may be that of Ben."""
    rows: list[Row] = [
        ("same day", "fax", "ben", 400, 120),
        *((lead, "web", staff, 400, 40) for lead in ("same day", "1 day") for staff in ("ana", "cleo")),
    ]
    cells = coded(cells_of(*rows), 10)
    ana, ben, _ = standardised(cells, "staff", model(cells, ["lead_time", "attributes.channel"]), 10)
    assert (ben.ratio, ben.is_separable) == (pytest.approx(1, abs=0.01), False)
    assert ana.is_separable
    verdict = verdicts_on_staff(cells, (ana, ben))["ben"]
    assert (verdict.answer, verdict.is_flagged, verdict.is_explained, verdict.is_inseparable) == (
        "not found",
        True,
        False,
        True,
    )
    assert verdict.detectable is None


def test_of_two_groups_the_difference_that_would_be_found_is_that_of_their_rates() -> None:
    """Each is half of the standard that it is held to, so O - E is half of the difference that an owner sees."""
    rows: list[Row] = [(lead, "web", staff, 500, 50) for lead in ("same day", "1 day") for staff in ("ana", "ben")]
    cells = coded(cells_of(*rows), 10)
    groups = standardised(cells, "staff", model(cells, ["lead_time"]), 10)
    assert [group.separable for group in groups] == pytest.approx([0.5, 0.5])
    of_rates = math.sqrt(0.1 * 0.9 * 2 / 1000)
    compared, plainly = (verdicts_on_staff(cells, each)["ana"].detectable for each in (groups, ()))
    assert compared is not None
    assert plainly is not None
    assert compared > plainly > 2.8 * of_rates  # two-sided and one-sided, of several tests


def test_small_groups_and_a_group_that_is_nearly_all_are_not_compared() -> None:
    rows: list[Row] = [("same day", "web", staff, n, n // 5) for staff, n in (("ana", 500), ("ben", 9), (None, 5))]
    cells = coded(cells_of(*rows, ("1 day", "web", "ana", 100, 20)), 10)
    assert [group.key for group in standardised(cells, "staff", model(cells, ["lead_time"]), 10)] == ["ana"]
    assert standardised(cells, "location", model(cells, ["lead_time"]), 10) == []


NULLS = {"alike": {}, "habits": {"habits": 0.7}, "few regulars": {"habits": 0.7, "regulars": 40}}


def false_findings(seeds: Sequence[int], **truth: float) -> tuple[int, int]:
    """In how many samples any factor, and any group, is found though no factor has an effect."""
    factors = groups = 0
    for seed in seeds:
        made = simulate(seed, **truth)  # type: ignore[arg-type]
        cells = coded(made.cells, 10)
        found = associations(cells, model(cells, list(cells.levels)), 10, made.design_effects())
        factors += any(each.answer == "found" for each in found)
        groups += any(each.answer == "found" for each in made.verdicts().values())
    return factors, groups


@pytest.mark.parametrize("name", few(NULLS, 1))
@pytest.mark.parametrize(("samples", "most"), [(10, 2), pytest.param(60, 6, marks=pytest.mark.long)])
def test_nothing_is_found_where_there_is_no_effect(name: str, samples: int, most: int) -> None:
    assert max(false_findings(range(samples), **NULLS[name])) <= most


@pytest.mark.parametrize(("samples", "fewest"), [(6, 6), pytest.param(40, 39, marks=pytest.mark.long)])
def test_a_planted_effect_of_lead_time_is_found(samples: int, fewest: int) -> None:
    found = 0
    for seed in range(samples):
        made = simulate(seed, lead=0.25, habits=0.7)
        cells = coded(made.cells, 10)
        each = associations(cells, model(cells, list(cells.levels)), 10, made.design_effects())[0]
        found += (each.factor, each.answer) == ("lead_time", "found")
    assert found >= fewest


def test_an_interval_leaves_out_one_if_it_is_clear() -> None:
    assert [OddsRatio(2, *limits).is_clear for limits in ((1.5, 3), (0.9, 4), (0.5, 0.9))] == [True, False, True]


def test_sources_that_record_one_side_only_are_compared_with_each_other_alone() -> None:
    """Ben's source says only who stayed away, which halves its rate: like for like he is as good as Ana."""
    frame = pl.concat(
        [
            cells_of(("same day", "web", staff, n, k)).with_columns(marks=pl.lit(marks))
            for staff, marks, n, k in (
                ("ana", "both", 500, 100),
                ("cleo", "both", 500, 100),
                ("ben", "no_shows", 500, 50),
                ("dan", "no_shows", 500, 50),
            )
        ]
    )
    cells = coded(frame, 10)
    groups = standardised(cells, "staff", model(cells, ["marks"]), 10)
    assert [group.ratio for group in groups] == pytest.approx([1, 1, 1, 1], abs=0.001)
    assert [round(group.crude_ratio, 2) for group in groups] == [1.33, 0.67, 1.33, 0.67]
    assert all(each.is_explained for each in verdicts_on_staff(cells, groups).values())
