"""Whether the rate changed: how often each truth is called by its name, and the fits against statsmodels."""

from __future__ import annotations

import warnings
from collections import Counter

import numpy as np
import pytest
import statsmodels.api as sm
from support.simulated_periods import CELLS, YEAR, Cell, even_quantiles, independent, rate, verdicts, wave, word

from queries.measures.change import change_in
from queries.measures.change_limits import change_limit
from queries.measures.change_verdict import ChangeFound, ChangeNotFound, ChangeNotTested
from queries.measures.comparison import newcombe
from queries.measures.shapes import PARAMETERS, Unit, fit_shapes

EVERY = [pytest.param(cell, id=f"{cell.name}, {weeks} weeks") for weeks, cells in CELLS.items() for cell in cells]


@pytest.mark.parametrize("cell", EVERY)
@pytest.mark.parametrize("samples", [40, pytest.param(200, marks=pytest.mark.long)])
def test_each_truth_is_called_by_its_name(cell: Cell, samples: int) -> None:
    """The bounds are those of the definitions, less three standard errors of the share in so few samples."""
    found = verdicts(cell, samples)
    share = Counter(word(verdict) for verdict in found)[cell.word] / samples
    assert share >= cell.at_least - 3 * (cell.at_least * (1 - cell.at_least) / samples) ** 0.5
    if cell.at is not None:
        near = [verdict for verdict in found if verdict.answer == "found" and abs(verdict.first - cell.at) <= 2]
        assert len(near) >= 0.75 * samples


def test_a_wave_within_a_year_is_found_but_its_season_is_not_allowed_for() -> None:
    """No test can distinguish a season from a step in one year: the verdict says that no season was allowed for."""
    for verdict in verdicts(Cell("wave", independent(rate(wave(52))), "step", 0), 20):
        assert not isinstance(verdict, ChangeNotTested)
        assert not verdict.has_season


def test_a_step_has_the_rates_of_both_sides_and_the_interval_of_their_difference() -> None:
    verdict = change_in([(100, 10)] * 20 + [(100, 24)] * 20)
    assert isinstance(verdict, ChangeFound)
    assert (verdict.shape, verdict.first, verdict.end, verdict.rises) == ("step", 20, 40, True)
    assert (verdict.outside, verdict.inside) == ((2000, 200), (2000, 480))
    assert (verdict.before, verdict.after) == (pytest.approx(0.1, abs=1e-6), pytest.approx(0.24, abs=1e-6))
    theirs = newcombe(480, 2000, 200, 2000)
    assert theirs is not None
    ours = verdict.difference
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-3), pytest.approx(theirs.high, abs=1e-3))


def test_a_spell_has_its_first_period_and_the_first_one_after_it_and_gaps_keep_their_length() -> None:
    low, high, gap = (100, 10), (100, 30), (0, 0)
    spell = change_in([gap, *[low] * 20, *[high] * 3, gap, gap, *[high] * 3, *[low] * 20])
    assert isinstance(spell, ChangeFound)
    assert (spell.shape, spell.first, spell.end, spell.inside) == ("spell", 21, 29, (600, 180))
    long = change_in([*[low] * 20, *[high] * 3, *[gap] * 20, *[high] * 3, *[low] * 20])
    assert long.answer == "found"
    assert not (long.shape == "spell" and long.end - long.first > 13)


@pytest.mark.parametrize("weeks", [60, 120])
def test_rates_beside_counts_are_those_of_the_counts_whatever_the_design_effects(weeks: int) -> None:
    """With larger design effects in some weeks the fit has another mean than the counts."""
    rng = np.random.default_rng(weeks)
    missed = [int(k) for k in rng.binomial(400, np.where(np.arange(weeks) < weeks // 2, 0.1, 0.2))]
    verdict = change_in([(400, k) for k in missed], design_effect=[1.0, 4.0] * (weeks // 2))
    assert isinstance(verdict, ChangeFound)
    assert (verdict.shape, verdict.has_season) == ("step", weeks == 120)
    assert verdict.after == verdict.inside[1] / verdict.inside[0]
    assert verdict.has_season or verdict.before == verdict.outside[1] / verdict.outside[0]
    assert verdict.difference.difference == verdict.after - verdict.before
    even = change_in([(400, k) for k in missed])
    assert isinstance(even, ChangeFound)
    assert even.has_season or even.after == pytest.approx(even.inside[1] / even.inside[0])
    assert even.before == pytest.approx(verdict.before, abs=0.02)


def test_a_fall_to_nothing_and_a_trend_downwards_are_found() -> None:
    fall = change_in([(100, 12)] * 20 + [(100, 0)] * 20)
    assert isinstance(fall, ChangeFound)
    assert (fall.shape, fall.first, fall.rises, round(fall.after, 6)) == ("step", 20, False, 0)
    trend = change_in([(200, 60 - week) for week in range(50)])
    assert isinstance(trend, ChangeFound)
    assert (trend.shape, trend.rises) == ("trend", False)
    assert trend.before == pytest.approx(0.3, abs=0.03)
    assert trend.after == pytest.approx(0.055, abs=0.03)


def test_a_change_that_is_not_found_comes_with_the_one_that_would_have_been() -> None:
    """Four out of five steps of the size that is named are found."""
    rng = np.random.default_rng(4)
    even = change_in([(320, 38)] * 52)
    assert isinstance(even, ChangeNotFound)
    weeks = np.where(np.arange(52) < 26, 38 / 320, 38 / 320 + even.detectable)
    found = [change_in([(320, int(k)) for k in rng.binomial(320, weeks)]).answer == "found" for _ in range(150)]
    assert 0.7 <= np.mean(found) <= 0.95
    coarser = change_in([(320, 38)] * 52, design_effect=2.0)
    assert isinstance(coarser, ChangeNotFound)
    assert coarser.detectable > 1.3 * even.detectable


def test_what_cannot_be_tested_says_what_is_missing() -> None:
    assert change_in([]) == ChangeNotTested("periods", 0)
    assert change_in([(60, 6)] * 5 + [(0, 0)] * 9 + [(60, 50)] * 6) == ChangeNotTested("periods", 11)
    assert change_in([(60, 0)] * 20) == ChangeNotTested("outcomes", 20)
    assert change_in([(60, 60)] * 20) == ChangeNotTested("outcomes", 20)


def test_more_looks_and_design_effects_ask_for_a_clearer_change() -> None:
    weeks = [(60, 6)] * 20 + [(60, 11)] * 20
    assert change_in(weeks).answer == "found"
    assert change_in(weeks, looks=10_000_000).answer == "not found"
    assert change_in(weeks, design_effect=9.0).answer == "not found"
    assert change_in(weeks, design_effect=[4.0] * 40) == change_in(weeks, design_effect=4.0)


@pytest.mark.parametrize("seed", range(3))
def test_any_counts_have_a_verdict_within_its_bounds(seed: int) -> None:
    """Gaps, single bookings, millions of them, rates of 0 and 1, and every design effect."""
    rng = np.random.default_rng(seed)
    for _ in range(60):
        periods = int(rng.choice([12, 13, 20, 52, 105, 130]))
        rated = rng.choice([0, 1, 2, 10, 1000, 10**6], periods)
        missed = rng.binomial(rated, rng.choice([0, 0.001, 0.5, 0.999, 1], periods))
        counts = [(int(n), int(k)) for n, k in zip(rated, missed, strict=True)]
        units: tuple[Unit, ...] = ("week", "month")
        for unit in units:
            verdict = change_in(counts, unit, float(rng.choice([1, 3, 50])))
            if isinstance(verdict, ChangeFound):
                difference = verdict.difference
                assert -1 <= difference.low <= difference.difference <= difference.high <= 1
                assert 0 <= verdict.first < verdict.end <= periods
                inside = counts[verdict.first : verdict.end]
                assert verdict.inside == (sum(n for n, _ in inside), sum(k for _, k in inside))
            elif isinstance(verdict, ChangeNotFound):
                assert 0 < verdict.detectable <= 1


@pytest.mark.parametrize("weeks", [60, 130])
def test_the_fits_against_statsmodels(weeks: int) -> None:
    rng = np.random.default_rng(weeks)
    at = np.arange(weeks)
    rated = rng.integers(30, 90, weeks).astype(float)
    missed = rng.binomial(rated.astype(int), 0.15).astype(float)
    angles = 2 * np.pi * at / YEAR
    waves = [wave(times * angles) for times in (1, 2) for wave in (np.sin, np.cos)] if weeks >= 104 else []
    base = np.stack([np.ones(weeks), *waves], -1)
    outcomes = np.stack([missed, rated - missed], -1)
    shapes = fit_shapes(at, rated, missed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        even = sm.GLM(outcomes, base, family=sm.families.Binomial()).fit()
        assert shapes.even.coefficients == pytest.approx(even.params, abs=1e-6)
        for each in shapes.candidates:
            theirs = sm.GLM(outcomes, np.column_stack([base, each.column]), family=sm.families.Binomial()).fit()
            assert each.fit.coefficients == pytest.approx(theirs.params, abs=1e-5)
            assert float(each.gain * shapes.swing**2) == pytest.approx(even.deviance - theirs.deviance, abs=1e-6)


@pytest.mark.parametrize(
    ("unit", "periods", "bookings", "samples"),
    [
        ("week", 24, 50, 1000),
        ("month", 36, 300, 1000),
        pytest.param("week", 104, 10, 4000, marks=pytest.mark.long),
        pytest.param("week", 60, 1500, 4000, marks=pytest.mark.long),
        pytest.param("month", 12, 10, 4000, marks=pytest.mark.long),
    ],
)
def test_the_stored_limits_are_those_of_a_new_simulation(unit: Unit, periods: int, bookings: int, samples: int) -> None:
    """In other samples than those of the table; a quantile of 1,000 is off by 0.6 (one standard error)."""
    found = even_quantiles(np.random.default_rng(5), unit, periods, bookings, samples)
    for shape in PARAMETERS:
        assert change_limit(shape, unit, periods, 0.12 * bookings) == pytest.approx(found[shape], abs=50 / samples**0.5)


def test_limits_between_rows_lie_between_them_and_looks_raise_them() -> None:
    ends = sorted(change_limit("step", "week", weeks, 6.0) for weeks in (40, 60))
    assert ends[0] <= change_limit("step", "week", 50, 6.0) <= ends[1]
    assert change_limit("step", "week", 5000, 1e9) == change_limit("step", "week", 520, 180.0)
    assert change_limit("step", "week", 52, 6.0, looks=10) == pytest.approx(
        change_limit("step", "week", 52, 6.0) + 2 * np.log(10)
    )
