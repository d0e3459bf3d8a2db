"""Seats to offer against scipy's beta-binomial, and the laws that an offer obeys."""

from __future__ import annotations

import pytest
from scipy.stats import betabinom

from queries.measures.seats import Posterior, overflow_chance, posterior, seats_to_offer

RATES = [Posterior(30.5, 170.5), Posterior(2.0, 8.0), Posterior(120.0, 80.0), Posterior(0.5, 40.5)]


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("capacity", [1, 8, 14, 60])
def test_the_chance_of_too_many_against_scipy(rate: Posterior, capacity: int) -> None:
    for extra in (1, 2, 5):
        theirs = betabinom.sf(capacity, capacity + extra, rate.comings, rate.misses)
        assert overflow_chance(capacity, extra, rate) == pytest.approx(theirs, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("risk", [0.01, 0.05, 0.2])
def test_the_offer_is_the_most_within_the_risk(rate: Posterior, risk: float) -> None:
    for capacity in (1, 8, 30):
        seats = seats_to_offer(capacity, rate, risk)
        assert 0 <= seats <= capacity
        if seats:
            assert overflow_chance(capacity, seats, rate) <= risk
        if seats < capacity:
            assert overflow_chance(capacity, seats + 1, rate) > risk


def test_more_no_shows_and_more_risk_offer_more() -> None:
    offers = [seats_to_offer(20, Posterior(5.0 + 20 * k, 200.0 - 20 * k)) for k in range(8)]
    assert offers == sorted(offers)
    assert offers[-1] > offers[0]
    assert seats_to_offer(20, RATES[0], 0.2) > seats_to_offer(20, RATES[0], 0.01)


def test_a_known_offer() -> None:
    """40 of 100 missed: of 12 booked for 10 seats, more than 10 come with 2.5 %; of 13 with 6.9 %."""
    rate = posterior(40, 60, None, None)
    chances = [betabinom.sf(10, 10 + extra, 60.5, 40.5) for extra in range(1, 6)]
    assert seats_to_offer(10, rate) == sum(chance <= 0.05 for chance in chances) == 2


def test_the_posterior_leans_on_the_pooled_rate_by_its_weight() -> None:
    assert posterior(3, 7, 0.2, 10.0) == Posterior(5.0, 15.0)
    assert posterior(3, 7, 0.2, None) == Posterior(3.5, 7.5)
    assert posterior(0, 0, None, None).mean == 0.5
