"""Made-up histories of full sessions with a known correlation, and how often the seats offered for them overflow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from queries.measures.seats import Absences, History, overflow_chance, pooled, seats_to_offer, seats_verdict

INDEPENDENT = 1e-9


@dataclass(frozen=True)
class Offered:
    """Over samples of one cell: the mean chance of overflow, the mean seats offered and those of the true law."""

    overflow: float
    seats: float
    true_seats: int


def history(rng: np.random.Generator, capacity: int, sessions: int, rate: float, correlation: float) -> History:
    rates = np.full(sessions, rate)
    if correlation > INDEPENDENT:
        size = 1 / correlation - 1
        rates = rng.beta(rate * size, (1 - rate) * size, sessions)
    absent = rng.binomial(capacity, rates)
    booked = sessions * capacity
    return History(sessions, booked, int(absent.sum()), booked * capacity, float((absent**2).sum() / capacity))


def offered(
    rng: np.random.Generator,
    capacity: int,
    sessions: int,
    rate: float,
    correlation: float,
    samples: int,
    others: Sequence[float] = (),
) -> Offered:
    """One service, or among others of as many sessions with correlations of their own."""
    truth = Absences(rate, max(correlation, INDEPENDENT))
    overflow, seats = [], []
    for _ in range(samples):
        mine = history(rng, capacity, sessions, rate, correlation)
        rest = [history(rng, capacity, sessions, rate, each) for each in others]
        found = seats_verdict(capacity, mine, pooled([mine, *rest]))
        offer = found.seats if found.answer == "found" else 0
        seats.append(offer)
        overflow.append(overflow_chance(capacity, offer, truth))
    return Offered(float(np.mean(overflow)), float(np.mean(seats)), seats_to_offer(capacity, truth))


# Capacity, sessions of history, no-show rate, correlation within sessions.
CELLS: Sequence[tuple[int, int, float, float]] = [
    (capacity, sessions, rate, correlation)
    for sessions in (8, 20, 100)
    for capacity in (8, 15, 30)
    for rate in (0.1, 0.3)
    for correlation in (0.0, 0.02, 0.05, 0.1)
]
