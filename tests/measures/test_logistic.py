"""Logistic regression on cells and the tails of its tests, held to statsmodels and SciPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats
import statsmodels.api

from queries.measures.logistic import Fit, fit
from queries.measures.tails import beta_distribution, binomial_tail, chi_square_tail

LEVELS, REFERENCES = (4, 7, 2), (0, 1, 1)
Cells = tuple[list[Any], Any, Any]


def cells(seed: int, number: int = 600) -> Cells:
    random = np.random.default_rng(seed)
    codes = [random.integers(0, levels, number) for levels in LEVELS]
    rated = random.integers(1, 9, number)
    rates = 1 / (1 + np.exp(1.5 - 0.3 * codes[0] + 0.1 * codes[1] - 0.4 * codes[2]))
    return codes, random.binomial(rated, rates).astype(float), rated.astype(float)


def dense(codes: list[Any]) -> Any:
    columns = [np.ones(len(codes[0]))]
    for code, levels, reference in zip(codes, LEVELS, REFERENCES, strict=True):
        columns += [(code == level).astype(float) for level in range(levels) if level != reference]
    return np.column_stack(columns)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fit_is_that_of_statsmodels(seed: int) -> None:
    codes, missed, rated = cells(seed)
    mine = fit(codes, LEVELS, REFERENCES, missed, rated, ridge=0.0)
    family = statsmodels.api.families.Binomial()
    theirs = statsmodels.api.GLM(np.column_stack([missed, rated - missed]), dense(codes), family=family).fit(tol=1e-12)
    effects = [np.delete(effect, reference) for effect, reference in zip(mine.effects, REFERENCES, strict=True)]
    assert np.concatenate([[mine.intercept], *effects]) == pytest.approx(theirs.params, abs=1e-6)
    assert mine.fitted == pytest.approx(theirs.fittedvalues, abs=1e-6)
    for factor, reference in enumerate(REFERENCES):
        first = 1 + sum(levels - 1 for levels in LEVELS[:factor])
        mine_here = np.delete(np.delete(mine.covariance_of(factor), reference, 0), reference, 1)
        last = first + LEVELS[factor] - 1
        assert mine_here == pytest.approx(theirs.cov_params()[first:last, first:last], abs=1e-6)
        wald = theirs.wald_test(np.eye(len(theirs.params))[first:last], scalar=True)
        assert mine.wald(factor) == pytest.approx(float(wald.statistic), rel=1e-6)


def test_the_ridge_hardly_moves_effects_that_the_data_settle() -> None:
    codes, missed, rated = cells(3, 3000)
    free, held = (fit(codes, LEVELS, REFERENCES, missed, rated, ridge) for ridge in (0.0, 0.1))
    for one, other in zip(free.effects, held.effects, strict=True):
        assert one == pytest.approx(other, abs=0.01)


@pytest.mark.parametrize("outcome", [0.0, 1.0])
def test_a_level_that_all_missed_or_all_kept_has_a_finite_effect(outcome: float) -> None:
    codes, missed, rated = cells(4)
    alone = codes[1] == 6
    missed[alone] = outcome * rated[alone]
    found = fit(codes, LEVELS, REFERENCES, missed, rated)
    assert 2 < found.effects[1][6] * (1 if outcome else -1) < 20
    assert 0 < found.variances(1)[6] < 100
    with pytest.raises(ArithmeticError):
        fit(codes, LEVELS, REFERENCES, missed, rated, ridge=0.0)


def test_a_level_without_bookings_has_no_effect() -> None:
    codes, missed, rated = cells(5)
    kept = codes[0] != 3
    found = fit([code[kept] for code in codes], LEVELS, REFERENCES, missed[kept], rated[kept])
    assert found.effects[0][3] == 0


def test_neither_of_two_factors_that_are_the_same_is_found() -> None:
    codes, missed, rated = cells(6)
    found: Fit = fit([codes[2], codes[2]], (2, 2), (0, 0), missed, rated)
    assert found.effects[0] == pytest.approx(found.effects[1])
    assert found.wald(0) < 3.84


def test_without_factors_every_cell_has_the_rate_of_all() -> None:
    _, missed, rated = cells(7)
    assert fit([], (), (), missed, rated).fitted == pytest.approx(np.full(600, missed.sum() / rated.sum()))


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_bookings_that_are_all_alike_cannot_be_modelled(share: float) -> None:
    codes, _, rated = cells(8)
    with pytest.raises(ValueError, match="no-shows"):
        fit(codes, LEVELS, REFERENCES, share * rated, rated)


def test_tails_are_those_of_scipy() -> None:
    for x, degrees in ((0.1, 5), (3.84, 1), (7.0, 2), (20.0, 7), (100.0, 30), (0.0, 3), (700.0, 99)):
        assert chi_square_tail(x, degrees) == pytest.approx(scipy.stats.chi2.sf(x, degrees), rel=1e-12)
    for x, a, b in ((0.2, 3, 40), (0.5, 2, 2), (0.9, 100, 3), (0.15, 15_000, 90_000), (0.01, 0.3, 20), (0.0, 1, 1)):
        assert beta_distribution(x, a, b) == pytest.approx(scipy.stats.beta.cdf(x, a, b), rel=1e-9)
    for k, n, p in ((0, 10, 0.2), (10, 10, 0.2), (5, 20, 0.1), (300, 1500, 0.17)):
        exact = scipy.stats.binom.sf(k, n, p) + scipy.stats.binom.pmf(k, n, p) / 2
        assert binomial_tail(k, n, p) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_information_on_a_group_is_that_beside_all_levels(seed: int) -> None:
    """The sum of squares that a weighted regression of the group on the levels leaves."""
    codes, missed, rated = cells(seed, 200)
    made = fit(codes, LEVELS, REFERENCES, missed, rated, ridge=0.0)
    variances = rated * made.fitted * (1 - made.fitted)
    groups = np.random.default_rng(seed).integers(0, 3, len(rated))
    found = made.information_on(groups, 3, variances)
    design = dense(codes) * np.sqrt(variances)[:, None]
    for group, information in enumerate(found):
        target = np.where(groups == group, np.sqrt(variances), 0)
        fitted = design @ np.linalg.lstsq(design, target)[0]
        assert information == pytest.approx(((target - fitted) ** 2).sum(), rel=1e-6)
    same = made.information_on(codes[0], LEVELS[0], variances)
    assert same == pytest.approx(np.zeros(LEVELS[0]), abs=1e-5)
