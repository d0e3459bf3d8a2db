"""Seats to offer: against scipy's beta-binomial, over histories with a known correlation, and the laws of an offer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import betabinom, chi2
from support.simulated_sessions import CELLS, history, offered

from queries.measures.seats import (
    Absences,
    Dispersion,
    History,
    SeatCosts,
    SeatsNotTested,
    added,
    cheapest_seats,
    dispersion,
    expected_cost,
    law_of,
    overflow_chance,
    pooled,
    seats_to_offer,
    seats_verdict,
)

LAWS = [Absences(0.15, 0.005), Absences(0.2, 0.1), Absences(0.6, 0.02), Absences(0.01, 0.02)]


def parameters(law: Absences) -> tuple[float, float]:
    size = 1 / law.correlation - 1
    return law.rate * size, (1 - law.rate) * size


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("capacity", [1, 8, 14, 60])
def test_the_chance_of_too_many_against_scipy(law: Absences, capacity: int) -> None:
    misses, comings = parameters(law)
    for extra in (1, 2, 5):
        theirs = betabinom.sf(capacity, capacity + extra, comings, misses)
        assert overflow_chance(capacity, extra, law) == pytest.approx(theirs, rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("risk", [0.01, 0.05, 0.2])
def test_the_offer_is_the_most_within_the_risk(law: Absences, risk: float) -> None:
    for capacity in (1, 8, 30):
        seats = seats_to_offer(capacity, law, risk)
        assert 0 <= seats <= capacity
        if seats:
            assert overflow_chance(capacity, seats, law) <= risk
        if seats < capacity:
            assert overflow_chance(capacity, seats + 1, law) > risk


def test_more_no_shows_more_risk_and_less_correlation_offer_more() -> None:
    by_rate = [seats_to_offer(20, Absences(0.05 + 0.1 * k, 0.02)) for k in range(8)]
    by_correlation = [seats_to_offer(20, Absences(0.3, correlation)) for correlation in (0.2, 0.1, 0.05, 0.01)]
    for offers in (by_rate, by_correlation):
        assert offers == sorted(offers)
        assert offers[-1] > offers[0]
    assert seats_to_offer(20, LAWS[1], 0.2) > seats_to_offer(20, LAWS[1], 0.01)


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("samples", [8, pytest.param(100, marks=pytest.mark.long)])
def test_more_come_than_there_are_seats_in_no_more_than_the_accepted_share(
    cell: tuple[int, int, float, float], samples: int
) -> None:
    """Accepted are 5 %; services beside it that are steadier than this one do not make it bolder."""
    capacity, sessions, rate, correlation = cell
    for others in ((), (0.0, 0.0, 0.02)):
        found = offered(np.random.default_rng(3), capacity, sessions, rate, correlation, samples, others)
        assert found.overflow <= 0.055


def test_a_long_history_offers_most_of_the_seats_that_the_true_law_allows() -> None:
    cells = [offered(np.random.default_rng(7), *cell, samples=8) for cell in CELLS if cell[1] == 100]
    assert sum(cell.seats for cell in cells) >= 0.7 * sum(cell.true_seats for cell in cells)


def test_the_dispersion_is_pearsons_and_its_bound_that_of_the_chi_square_distribution() -> None:
    absent = np.array([0, 1, 2, 1, 0, 3, 1, 0, 1, 1])
    made = History(10, 100, int(absent.sum()), 1000.0, float((absent**2).sum() / 10))
    found = dispersion(made)
    p = made.rate
    assert found.statistic == pytest.approx(((absent - 10 * p) ** 2 / (10 * p * (1 - p))).sum())
    assert (found.degrees, found.sensitivity) == (9, pytest.approx(100 - 10 - 9))
    bound = (found.statistic / chi2.ppf(0.2, 9) - 1) * 9 / 81
    assert found.upper_correlation() == pytest.approx(bound, rel=0.02)


def test_a_correlation_is_found_again_by_its_moments() -> None:
    """The estimate without the bound: statistic = degrees + ρ × sensitivity, over 20 histories of 200 sessions."""
    rng = np.random.default_rng(11)
    for correlation in (0.0, 0.05, 0.2):
        each = [dispersion(history(rng, 12, 200, 0.2, correlation)) for _ in range(20)]
        found = sum(one.statistic - one.degrees for one in each) / sum(one.sensitivity for one in each)
        assert found == pytest.approx(correlation, abs=0.012)


def test_too_few_sessions_of_all_services_offer_nothing_and_say_so() -> None:
    few = History(3, 30, 12, 300.0, 50.0)
    assert seats_verdict(10, few, pooled([few])) == SeatsNotTested(3)
    assert seats_verdict(10, History(0, 0, 0, 0.0, 0.0), pooled([])) == SeatsNotTested(0)


def test_a_service_with_few_sessions_takes_the_dispersion_of_all() -> None:
    rng = np.random.default_rng(1)
    few, many = history(rng, 20, 5, 0.3, 0.0), history(rng, 20, 60, 0.3, 0.0)
    law = law_of(few, pooled([few, many]))
    assert law is not None
    assert law.rate == few.rate
    bolder = law_of(few, Dispersion(64.0, 64.0, 64 * 19.0))
    shyer = law_of(few, Dispersion(200.0, 64.0, 64 * 19.0))
    assert bolder is not None
    assert shyer is not None
    assert bolder.correlation < shyer.correlation


def test_histories_add_up() -> None:
    one, two = History(2, 10, 3, 50.0, 1.0), History(1, 5, 1, 25.0, 0.2)
    assert added([one, two]) == History(3, 15, 4, 75.0, 1.2)


@pytest.mark.parametrize("law", LAWS)
def test_the_cheapest_offer_against_costs_summed_over_scipys_distribution(law: Absences) -> None:
    costs = SeatCosts(empty_seat=12.0, turned_away=40.0)
    misses, comings = parameters(law)

    def by_hand(extra: int) -> float:
        arrivals = np.arange(10 + extra + 1)
        chances = betabinom.pmf(arrivals, 10 + extra, comings, misses)
        away = 40 * np.maximum(0, arrivals - 10)
        return float((chances * (12 * np.maximum(0, 10 - arrivals) + away)).sum())

    every = [by_hand(extra) for extra in range(11)]
    assert [expected_cost(10, extra, law, costs) for extra in range(11)] == pytest.approx(every)
    assert cheapest_seats(10, law, costs) == int(np.argmin(every))
    assert cheapest_seats(10, law, SeatCosts(1.0, 0.0)) == 10
    assert cheapest_seats(10, law, SeatCosts(0.0, 1.0)) == 0
    assert not math.isnan(expected_cost(1, 0, law, costs))
