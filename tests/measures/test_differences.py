"""Two periods, and policies with and without controls: worked figures, and dates on which nothing happened."""

from __future__ import annotations

import numpy as np
import pytest
from support.simulated_periods import EVEN, correlation, counts, logit, rate, wave

from queries.measures.comparison import newcombe
from queries.measures.differences import (
    DifferenceVerdict,
    Rated,
    difference_between,
    policy_verdict,
)


def test_two_periods_by_newcombe_with_the_effective_numbers() -> None:
    found = difference_between(Rated(200, 30), Rated(210, 24)).difference
    assert found is not None
    assert [round(x, 6) for x in (found.difference, found.low, found.high)] == [0.035714, -0.030244, 0.102482]
    halved = difference_between(Rated(400, 60, design_effect=2.0), Rated(420, 48, design_effect=2.0))
    assert halved.difference == newcombe(30, 200, 24, 210)
    assert halved.answer == "not found"
    assert difference_between(Rated(4000, 600), Rated(4200, 480)).answer == "found"
    assert difference_between(Rated(0, 0), Rated(9, 1)) == DifferenceVerdict("not tested", None, missing="bookings")


def test_a_difference_of_the_size_that_is_named_is_found_four_times_of_five() -> None:
    rng = np.random.default_rng(1)
    named = difference_between(Rated(800, 96), Rated(800, 96)).detectable
    assert named is not None
    pairs = zip(rng.binomial(800, EVEN + named / 2, 400), rng.binomial(800, EVEN - named / 2, 400), strict=True)
    found = [difference_between(Rated(800, int(a)), Rated(800, int(b))).answer == "found" for a, b in pairs]
    assert 0.74 <= np.mean(found) <= 0.86


def test_a_policy_with_controls_by_hand() -> None:
    """20 % before; controls go from 10 to 5 %: odds of 0.25 become 0.25 × (1/19) ÷ (1/9), a rate of 10.6 %."""
    after, before = Rated(100_000, 10_000), Rated(100_000, 20_000)
    made = policy_verdict(after, before, (Rated(100_000, 5_000), Rated(100_000, 10_000)))
    odds = 0.25 * 9 / 19
    assert made.expected == pytest.approx(odds / (1 + odds), abs=1e-4)
    assert made.difference is not None
    assert made.difference.difference == pytest.approx(0.1 - odds / (1 + odds), abs=1e-4)
    assert (made.answer, made.difference.high < 0) == ("found", True)
    same = policy_verdict(before, before, (Rated(1000, 100), Rated(1000, 100)))
    assert same.answer == "not found"
    assert same.difference is not None
    assert same.difference.difference == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("missed", [(12, 36, 117, 116), (0, 36, 117, 116), (3, 5, 0, 4)])
def test_the_difference_is_that_of_the_two_rates_that_are_shown(missed: tuple[int, ...]) -> None:
    after, before, now, then = (Rated(364, k) for k in missed)
    made = policy_verdict(after, before, (now, then))
    assert made.difference is not None
    assert made.expected is not None
    assert made.difference.difference == after.rate - made.expected
    assert made.difference.low <= made.difference.difference <= made.difference.high


def test_a_policy_without_controls_is_not_tested_however_large_the_difference() -> None:
    for controls in (None, (Rated(0, 0), Rated(50, 4))):
        made = policy_verdict(Rated(600, 30), Rated(600, 120), controls)
        assert (made.answer, made.missing) == ("not tested", "controls")
        assert made.difference == newcombe(30, 600, 120, 600)
    assert policy_verdict(Rated(0, 0), Rated(5, 1), None).missing == "bookings"


@pytest.mark.parametrize("samples", [400, pytest.param(4000, marks=pytest.mark.long)])
@pytest.mark.parametrize("bases", [(EVEN, EVEN), (0.1, 0.25)])
@pytest.mark.parametrize("shock", [0.0, 0.3])
def test_dates_on_which_nothing_happened_give_a_difference_in_at_most_5_percent(
    samples: int, bases: tuple[float, float], shock: float
) -> None:
    """A yearly wave that all sites share, at any season, and shocks of single weeks with their design effects."""
    rng = np.random.default_rng(6)
    found = 0
    for _ in range(samples):
        at, year = int(rng.integers(8, 44)), wave(52, shift=rng.uniform(0, 6)) - logit(EVEN)
        after, before = [], []
        for base, bookings in zip(bases, (100, 200), strict=True):
            rates = rate(logit(base) + year + rng.normal(0, shock, 52))
            rated, missed = counts(rng, rates, bookings, 1)
            effect = 1 + (bookings - 1) * float(correlation(rated, missed)[0]) if shock else 1.0
            k = missed[0]
            after.append(Rated(bookings * (52 - at), int(k[at:].sum()), effect))
            before.append(Rated(bookings * at, int(k[:at].sum()), effect))
        found += policy_verdict(after[0], before[0], (after[1], before[1])).answer == "found"
    assert found <= 0.05 * samples
