"""The limits of a funnel plot, within which groups lie by chance. Pure.

Formula: Spiegelhalter 2005, Statistics in Medicine 24:1185: limits p ± z sqrt(phi p (1 - p) / n), n being effective
numbers of bookings, with phi the mean of winsorised squared z-scores, used only if it is clearly above 1: by two
standard errors, over ten groups or more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WARNING, ACTION = 1.96, 3.09
FEWEST_GROUPS = 3
# Among fewer groups an outlier makes up most of phi itself, and would hide behind the limits it widens.
FEWEST_FOR_PHI = 10
_WINSORISED = 0.1


@dataclass(frozen=True, slots=True)
class Funnel:
    """The pooled rate, the overdispersion in use (1 if none is clear), and the number of groups it rests on.

    `effect` is the median design effect of the groups, so that the limits are smooth.
    """

    centre: float
    phi: float
    groups: int
    effect: float = 1.0

    def limits(self, n: float, z: float) -> tuple[float, float]:
        """The lowest and highest rate of a group of n marked bookings at quantile z, within 0 and 1."""
        spread = z * math.sqrt(self.phi * self.effect * self.centre * (1 - self.centre) / n)
        return max(0.0, self.centre - spread), min(1.0, self.centre + spread)


def funnel(groups: Sequence[tuple[int, int]], effects: Sequence[float] = ()) -> Funnel | None:
    """The funnel over (marked, no-shows) of groups; None under three groups, or if all or none were missed.

    `effects` are the design effects of the groups, by default 1.
    """
    widened = zip(groups, effects or [1.0] * len(groups), strict=True)
    known = [(n, k, effect) for (n, k), effect in widened if n]
    total, no_shows = sum(n for n, _, _ in known), sum(k for _, k, _ in known)
    if len(known) < FEWEST_GROUPS or not 0 < no_shows < total:
        return None
    centre = no_shows / total
    scores = sorted((k / n - centre) / math.sqrt(effect * centre * (1 - centre) / n) for n, k, effect in known)
    low, high = _quantile(scores, _WINSORISED), _quantile(scores, 1 - _WINSORISED)
    phi = sum(min(max(score, low), high) ** 2 for score in scores) / len(scores)
    clear = len(scores) >= FEWEST_FOR_PHI and phi > 1 + 2 * math.sqrt(2 / len(scores))
    return Funnel(centre, phi if clear else 1.0, len(known), median(effect for _, _, effect in known))


def _quantile(ordered: Sequence[float], share: float) -> float:
    """A quantile of values in order, by linear interpolation between neighbours."""
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
