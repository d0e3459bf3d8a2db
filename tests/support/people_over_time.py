"""Made-up bookings of people with habits who come and go, for tests of differences between two periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from support.simulated_periods import EVEN, logit, rate

from queries.measures.between_periods import BetweenPeriods, between_periods
from queries.measures.clustering import Clustering, clustering_of
from queries.measures.differences import Rated
from queries.model.stretches import SIDES

WEEKS = 52
Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class People:
    """The person of each booking, by week and place, and whether it was missed: one booking a place and week."""

    person: Numbers
    missed: npt.NDArray[np.bool_]

    def rated(self, weeks: slice, effect: float) -> Rated:
        missed = self.missed[weeks]
        return Rated(missed.size, int(missed.sum()), effect)

    def between(self, clustering: Clustering, bookings: int, before: slice, after: slice) -> BetweenPeriods:
        b, a = (np.bincount(self.person[weeks].ravel(), minlength=self.person.max() + 1) for weeks in (before, after))
        sums = (int(each.sum()) for each in (b, a, b * b, a * a, b * a))
        return between_periods(clustering, bookings, dict(zip(SIDES, sums, strict=True)))


def people(rng: np.random.Generator, places: int, sd: float, leaving: float) -> People:
    """A share of the people leaves each week, and others with habits of their own take their places."""
    begins = rng.random((WEEKS, places)) < leaving
    person = np.cumsum(begins, 0) * places + np.arange(places)
    _, numbers = np.unique(person, return_inverse=True)
    number = numbers.reshape(person.shape)
    habits = rate(logit(EVEN) + rng.normal(0, sd, number.max() + 1))
    return People(number, rng.random(number.shape) < habits[number])


def clustering_over(*groups: People) -> tuple[Clustering, int]:
    """The clustering of all bookings of groups that share nobody, each booking in a session of its own."""
    n = np.concatenate([np.bincount(each.person.ravel()) for each in groups])
    y = np.concatenate([np.bincount(each.person.ravel(), each.missed.ravel()) for each in groups]).astype(np.intp)
    rated, missed = int(n.sum()), int(y.sum())
    names = ("squares", "products", "missed_squares")
    contacts = {f"contact_{name}": int(sum_) for name, sum_ in zip(names, (n @ n, n @ y, y @ y), strict=True)}
    sessions = {f"session_{name}": sum_ for name, sum_ in zip(names, (rated, missed, missed), strict=True)}
    return clustering_of({"rated_bookings": rated, "missed_bookings": missed, **contacts, **sessions}), rated
