"""Compare two sets of counts, and judge many tests together. Pure.

Formulas: Newcombe 1998, Statistics in Medicine 17:873 (method 10); Benjamini and Hochberg 1995, JRSS B 57:289.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.rates import Z95

FALSE_DISCOVERIES = 0.05
# The power with which a difference that is not found would have been: four times out of five.
POWER = 0.8
# "Not found" says that a rate is steady only if a change of this share of the rate would have been found.
MATTERING_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two rates (first minus second) and the limits of its interval, each between -1 and 1."""

    difference: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def is_telling(detectable: float, rate: float) -> bool:
    """Whether a difference that matters would have been found, from the one (0 to 1) that is found in 80 %.

    A difference that matters is a third of the rate or, above one half, of the share that came: 4 points at 12 %.
    """
    return detectable <= MATTERING_SHARE * min(rate, 1 - rate)


def newcombe(k1: float, n1: float, k2: float, n2: float, z: float = Z95) -> Difference | None:
    """The difference k1/n1 - k2/n2 with Newcombe's interval; None if either n is 0. Numbers may be effective ones."""
    if not n1 or not n2:
        return None
    p1, p2 = k1 / n1, k2 / n2
    (low1, high1), (low2, high2) = wilson_limits(k1, n1, z), wilson_limits(k2, n2, z)
    difference = p1 - p2
    return Difference(
        difference,
        difference - math.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2),
        difference + math.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2),
    )


def wilson_limits(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Wilson's score interval of k of n, n above 0 and not always whole, at any quantile z.

    From exactly 0 if k is 0 and to exactly 1 if k is n: rounding would leave 2e-17 of the difference of two equals.
    """
    rate, scale = k / n, 1 + z * z / n
    centre = rate + z * z / (2 * n)
    spread = z * math.sqrt((rate * (1 - rate) + z * z / (4 * n)) / n)
    low = 0.0 if k == 0 else max(0.0, (centre - spread) / scale)
    return low, 1.0 if k == n else min(1.0, (centre + spread) / scale)


def benjamini_hochberg(p_values: Sequence[float], level: float = FALSE_DISCOVERIES) -> list[bool]:
    """Reject tests so that at most `level` of the rejections are expected to be false: True for each rejected one."""
    limit = rejection_limit(p_values, level)
    return [p <= limit for p in p_values]


def rejection_limit(p_values: Sequence[float], level: float = FALSE_DISCOVERIES) -> float:
    """The largest p-value that Benjamini and Hochberg reject; -1 if they reject none.

    The last p-value that is at most its place's share of the level takes all smaller ones with it. At 5 % the shares of
    0.001, 0.03, 0.035 and 0.5 are 0.0125, 0.025, 0.0375 and 0.05: the first three are rejected.
    """
    ordered = sorted(p_values)
    return max((p for place, p in enumerate(ordered, 1) if p <= level * place / len(ordered)), default=-1.0)


def normal_tail(z: float) -> float:
    """The standard normal distribution above z."""
    return math.erfc(z / math.sqrt(2)) / 2


def normal_quantile(tail: float) -> float:
    """The z that leaves a tail (0 to 1) of the standard normal distribution above it."""
    from statistics import NormalDist

    return -NormalDist().inv_cdf(tail)


def student_quantile(freedom: float, z: float = Z95) -> float:
    """The quantile of Student's distribution that leaves the tail above a normal quantile: 2.23 for 10 and 1.96.

    The expansion of Abramowitz and Stegun, 26.7.5: to 1 % from 2 degrees of freedom on, to 0.01 % from 10 on. Fewer
    than 1 count as 1, for which it gives 11.2 instead of 12.7.
    """
    terms = (
        (4, (1, 1)),
        (96, (5, 16, 3)),
        (384, (3, 19, 17, -15)),
        (92_160, (79, 776, 1_482, -1_920, -945)),
    )
    n = max(1.0, freedom)
    return z + sum(
        sum(factor * z ** (2 * at + 1) for at, factor in enumerate(reversed(factors))) / (divisor * n**power)
        for power, (divisor, factors) in enumerate(terms, 1)
    )
