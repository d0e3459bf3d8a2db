"""Differences of two rates and many tests together: figures worked by hand, scipy and statsmodels."""

from __future__ import annotations

import random

import pytest
from scipy.stats import norm, t
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from queries.measures.comparison import (
    benjamini_hochberg,
    newcombe,
    normal_quantile,
    normal_tail,
    student_quantile,
)

PAIRS = [(30, 200, 24, 210), (0, 5, 5, 5), (1, 1, 0, 1), (12, 120, 300, 1000), (0, 10, 0, 20)]


def test_newcombe_by_hand() -> None:
    found = newcombe(30, 200, 24, 210)
    assert found is not None
    assert [round(x, 6) for x in (found.difference, found.low, found.high)] == [0.035714, -0.030244, 0.102482]
    assert not found.is_clear


@pytest.mark.parametrize("counts", PAIRS)
def test_newcombe_against_statsmodels(counts: tuple[int, int, int, int]) -> None:
    found = newcombe(*counts)
    assert found is not None
    theirs = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(theirs, abs=1e-12)
    turned = newcombe(*counts[2:], *counts[:2])
    assert turned is not None
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-15)


def test_nothing_to_compare_is_none() -> None:
    assert newcombe(0, 0, 3, 10) is None
    assert newcombe(3, 10, 0, 0) is None


@pytest.mark.parametrize("z", [-9.0, -1.5, 0.0, 0.3, 1.96, 3.29, 6.0, 8.0, 20.0])
def test_the_normal_tail_against_scipy(z: float) -> None:
    assert normal_tail(z) == pytest.approx(norm.sf(z), rel=1e-12)
    if -5 < z < 8:
        assert normal_quantile(normal_tail(z)) == pytest.approx(z, abs=1e-9)


def test_benjamini_hochberg_against_statsmodels() -> None:
    rng = random.Random(1)
    for size in (1, 2, 7, 40):
        p_values = [rng.random() ** 4 for _ in range(size)]
        assert benjamini_hochberg(p_values) == list(multipletests(p_values, alpha=0.05, method="fdr_bh")[0])
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize(
    ("freedom", "allowed"), [(1, 0.15), (2, 0.01), (3, 2e-3), (10, 1e-4), (98.5, 1e-6), (1e6, 1e-6)]
)
def test_the_quantile_of_student_is_that_of_scipy(freedom: float, allowed: float) -> None:
    assert student_quantile(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=allowed)
    assert student_quantile(0.2) == student_quantile(1)
