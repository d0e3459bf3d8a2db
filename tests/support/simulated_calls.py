"""Trials of calls with a known effect, over people and sessions that differ: the answers of the measure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.calling.choosing import is_held_back
from queries.measures.calls import CallsEffect, effect_of_calls
from queries.measures.clustering import Clustering, clustering_of

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Business:
    """`listed` of `bookings` are on lists; spreads are standard deviations of log odds around those of the rate."""

    bookings: int = 4_000
    listed: int = 1_500
    contacts: int = 400
    sessions: int = 500
    rate: float = 0.25
    persons: float = 0.7
    evenings: float = 0.4
    hold_back: float = 0.5


@dataclass(frozen=True)
class Judged:
    """Over many trials: the share of intervals that hold the effect, of those that claim one, and the mean error.

    `helped` is the share of those that claim fewer no-shows, a part of `claimed`.
    """

    covered: float
    claimed: float
    helped: float
    error: float


def judged(effect: float, seeds: Iterable[int], business: Business = Business()) -> Judged:
    """Trials of an effect on the rate (-0.064 are 6.4 points less)."""
    found = [trial(effect, seed, business).difference for seed in seeds]
    known = [each for each in found if each is not None]
    assert len(known) == len(found)
    return Judged(
        covered=float(np.mean([each.low <= effect <= each.high for each in known])),
        claimed=float(np.mean([each.is_clear for each in known])),
        helped=float(np.mean([each.high < 0 for each in known])),
        error=float(np.mean([each.difference for each in known])) - effect,
    )


def trial(effect: float, seed: int, business: Business) -> CallsEffect:
    """One trial: who misses, who is called, and the outcomes."""
    rng = np.random.default_rng(seed)
    # Some people book much more often than others.
    contact = (business.contacts * rng.random(business.bookings) ** 1.5).astype(np.int64)
    session = rng.integers(0, business.sessions, business.bookings)
    odds = np.log(business.rate / (1 - business.rate))
    shift = business.persons * rng.standard_normal(business.contacts)[contact]
    shift += business.evenings * rng.standard_normal(business.sessions)[session]
    chance = 1 / (1 + np.exp(-(odds + shift)))
    held_back = np.array([is_held_back(f"c-{at}", seed, business.hold_back) for at in range(business.contacts)])[
        contact
    ]
    listed = np.arange(business.bookings) < business.listed
    called = listed & ~held_back
    missed = rng.random(business.bookings) < np.maximum(0, chance + effect * called)
    row = {"hold_back": business.hold_back, **_sums(called, listed & held_back, missed, contact, session)}
    return effect_of_calls([row], _clustering(missed, contact, session))


def _sums(called: Flags, held_back: Flags, missed: Flags, contact: Ints, session: Ints) -> dict[str, Any]:
    numbers = {
        "called": called.sum(),
        "called_missed": (called & missed).sum(),
        "held_back": held_back.sum(),
        "held_back_missed": (held_back & missed).sum(),
        "listed_to_call": called.sum(),
        "listed_held_back": held_back.sum(),
        **dict.fromkeys(("reported", "reached", "called_all_the_same", "not_due"), 0),
    }
    for name, cluster in (("contact", contact), ("session", session)):
        before, after = (np.bincount(cluster, some) for some in (held_back, called))
        numbers |= {
            f"{name}_squares_before": (before**2).sum(),
            f"{name}_squares_after": (after**2).sum(),
            f"{name}_products": (before * after).sum(),
        }
    return {name: int(number) for name, number in numbers.items()}


def _clustering(missed: Flags, contact: Ints, session: Ints) -> Clustering:
    sums = {"rated_bookings": len(missed), "missed_bookings": int(missed.sum())}
    for name, cluster in (("contact", contact), ("session", session)):
        n, y = np.bincount(cluster), np.bincount(cluster, missed)
        products = {"squares": n * n, "products": n * y, "missed_squares": y * y}
        sums |= {f"{name}_{sum_of}": int(each.sum()) for sum_of, each in products.items()}
    return clustering_of(sums)
