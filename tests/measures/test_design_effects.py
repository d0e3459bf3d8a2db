"""The design effect of differences between levels, beside its formula and a simulation of people with habits."""

from __future__ import annotations

import numpy as np
import pytest

from queries.measures.design_effects import INDEPENDENT, DesignEffects

LEVELS = ("a", "b", "c")


def design_effects(sizes: np.ndarray, correlation: float) -> DesignEffects:
    """From numbers of bookings by contact (rows) and level (columns)."""

    def effect(counts: np.ndarray) -> float:
        return float(1 + correlation * ((counts**2).sum() / counts.sum() - 1))

    known = {("factor", level): effect(sizes[:, at]) for at, level in enumerate(LEVELS)}
    return DesignEffects(effect(sizes.sum(axis=1)), known)


def test_levels_that_are_alike_in_every_contact_are_compared_as_independent_bookings() -> None:
    sizes = np.full((50, 3), 10)
    assert design_effects(sizes, 0.1).whole == pytest.approx(3.9)
    assert design_effects(sizes, 0.1).between("factor", LEVELS) == 1


def test_levels_of_different_contacts_have_the_design_effect_of_all() -> None:
    sizes = np.kron(np.eye(3), np.full((20, 1), 30))
    found = design_effects(sizes, 0.1)
    assert found.between("factor", LEVELS) == pytest.approx(found.whole) == pytest.approx(3.9)


def test_between_both_it_is_the_mean_of_rao_and_scott() -> None:
    sizes = np.random.default_rng(1).poisson([[0.5, 1, 9]] * 20 + [[9, 1, 0.5]] * 20) + 1
    of_levels, of_contacts, n = sizes.sum(axis=0), sizes.sum(axis=1), sizes.sum()
    spread = (sizes**2 / of_levels).sum() - (of_contacts**2).sum() / n
    expected = 1 + 0.2 * (spread / 2 - 1)
    assert 1.3 < expected < design_effects(sizes, 0.2).whole
    assert design_effects(sizes, 0.2).between("factor", LEVELS) == pytest.approx(expected)


def test_the_chi_square_statistic_is_too_large_by_it() -> None:
    """600 samples of 40 people, who are likelier to book one level than another, and have habits (correlation 0.1)."""
    random = np.random.default_rng(2)
    sizes = random.poisson([[1, 3, 9]] * 20 + [[9, 3, 1]] * 20) + 1
    of_levels, p = sizes.sum(axis=0), 0.2
    a, b = p * 9, (1 - p) * 9  # a beta distribution of the people's rates with that correlation
    statistics = []
    for _ in range(600):
        rates = random.beta(a, b, (40, 1))
        missed = random.binomial(sizes, rates).sum(axis=0)
        pooled = missed.sum() / sizes.sum()
        statistics.append(((missed - of_levels * pooled) ** 2 / (of_levels * pooled * (1 - pooled))).sum())
    assert np.mean(statistics) / 2 == pytest.approx(design_effects(sizes, 0.1).between("factor", LEVELS), rel=0.1)


def test_levels_that_are_not_given_have_that_of_all() -> None:
    some = DesignEffects(1.8, {("factor", "a"): 1.2})
    assert [some.of("factor", level) for level in ("a", "b", None)] == [1.2, 1.8, 1.8]
    assert some.between("other", LEVELS) == pytest.approx(1.8)
    assert INDEPENDENT.between("factor", LEVELS) == INDEPENDENT.of("factor", "a") == 1
    assert some.between("factor", ("a",)) == 1
