"""The number of seats to offer beyond a capacity, given a no-show rate. Pure.

Arrivals of c + k bookings are beta-binomial: the posterior of the rate is a beta distribution, and parties come or stay
away independently of each other. k is the most for which more than c arrive with at most the accepted risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Posterior:
    """A beta distribution of the no-show rate: `misses` and `comings` are its two parameters, above 0."""

    misses: float
    comings: float

    @property
    def mean(self) -> float:
        """The expected no-show rate."""
        return self.misses / (self.misses + self.comings)


def posterior(no_shows: int, attended: int, pooled: float | None, weight: float | None) -> Posterior:
    """The posterior of a group's no-show rate, drawn towards the pooled rate by its weight in bookings.

    The weight is that of `rates.prior_weight`. Without one the group's own counts decide, with Jeffreys' prior (half a
    booking each way).
    """
    if pooled is None or not weight or not 0 < pooled < 1:
        return Posterior(no_shows + 0.5, attended + 0.5)
    return Posterior(no_shows + weight * pooled, attended + weight * (1 - pooled))


def seats_to_offer(capacity: int, rate: Posterior, risk: float = 0.05) -> int:
    """The most seats k, up to the capacity again, with P(arrivals > capacity | capacity + k booked) at most `risk`."""
    k = 0
    while k < capacity and overflow_chance(capacity, k + 1, rate) <= risk:
        k += 1
    return k


def overflow_chance(capacity: int, extra: int, rate: Posterior) -> float:
    """The chance that more arrive than there are seats, if so many beyond the capacity are booked.

    More than c of c + k arrive if fewer than k stay away: the beta-binomial probability of 0 to k - 1 no-shows.
    """
    booked = capacity + extra
    return min(1.0, sum(_no_shows_chance(missing, booked, rate) for missing in range(extra)))


def _no_shows_chance(missing: int, booked: int, rate: Posterior) -> float:
    choose = math.lgamma(booked + 1) - math.lgamma(missing + 1) - math.lgamma(booked - missing + 1)
    seen = _log_beta(rate.misses + missing, rate.comings + booked - missing)
    return math.exp(choose + seen - _log_beta(rate.misses, rate.comings))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
