"""Compare sets of counts: intervals of differences, flags and exact tests. Pure.

Formulas: Newcombe 1998, Statistics in Medicine 17:873 (method 10); score test of two proportions with the pooled
variance; Benjamini and Hochberg 1995, JRSS B 57:289; Fisher's exact test by the hypergeometric distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from queries.measures.rates import Z95

FALSE_DISCOVERIES = 0.05
# The power with which a difference that is not found would have been: four times out of five.
POWER = 0.8


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
    """Wilson's score interval of k of n, n above 0 and not always whole, at any quantile z."""
    rate, scale = k / n, 1 + z * z / n
    centre = rate + z * z / (2 * n)
    spread = z * math.sqrt((rate * (1 - rate) + z * z / (4 * n)) / n)
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def with_frequent(rates: pl.DataFrame, min_bookings: int) -> pl.DataFrame:
    """Add excess_score (Float64) and frequent (Boolean) to counts by group.

    excess_score is the score test z of a group's rate against that of all others together, null if there are none;
    frequent: at least `min_bookings` rated, and above the others by Benjamini-Hochberg at 5 % over such groups.
    """
    k, n = pl.col("missed_bookings"), pl.col("rated_bookings")
    all_k, all_n = int(rates["missed_bookings"].sum()), int(rates["rated_bookings"].sum())
    comparable = (n > 0) & (n < all_n) & pl.lit(0 < all_k < all_n)
    pooled = all_k / all_n if all_n else 0.0
    spread = (pooled * (1 - pooled) * (1 / n.cast(pl.Float64) + 1 / (all_n - n).cast(pl.Float64))).sqrt()
    score = (k / n - (all_k - k) / (all_n - n)) / spread
    scored = rates.with_columns(excess_score=pl.when(comparable).then(score))
    tested = (scored["rated_bookings"] >= min_bookings).to_list()
    p_values = [
        1.0 if z is None else normal_tail(z) for z, test in zip(scored["excess_score"], tested, strict=True) if test
    ]
    flagged = iter(benjamini_hochberg(p_values))
    return scored.with_columns(frequent=pl.Series([test and next(flagged) for test in tested], dtype=pl.Boolean))


def benjamini_hochberg(p_values: Sequence[float], level: float = FALSE_DISCOVERIES) -> list[bool]:
    """Reject tests so that at most `level` of the rejections are expected to be false: True for each rejected one.

    The last p-value that is at most its place's share of the level takes all smaller ones with it. At 5 % the shares of
    0.001, 0.03, 0.035 and 0.5 are 0.0125, 0.025, 0.0375 and 0.05: the first three are rejected.
    """
    ordered = sorted(p_values)
    highest = max((p for place, p in enumerate(ordered, 1) if p <= level * place / len(ordered)), default=-1.0)
    return [p <= highest for p in p_values]


def normal_tail(z: float) -> float:
    """The standard normal distribution above z."""
    return math.erfc(z / math.sqrt(2)) / 2


def normal_quantile(tail: float) -> float:
    """The z that leaves a tail (0 to 1) of the standard normal distribution above it."""
    from statistics import NormalDist

    return -NormalDist().inv_cdf(tail)


def exact_tail(k: int, n: int, all_k: int, all_n: int) -> float:
    """Fisher's exact test, one-sided: the chance that k or more of all_k no-shows fall on n of all_n bookings.

    If the rate is not above that of all, the result is 1, which no test rejects.
    """
    if n == 0 or k * all_n <= n * all_k:
        return 1.0
    most = min(n, all_k)
    term = math.exp(
        _log_choose(all_k, k) + _log_choose(all_n - all_k, n - k) - _log_choose(all_n, n),
    )
    total = term
    # Each further term follows from the one before, until terms are too small to change the sum.
    while k < most and term > total * 1e-17:
        term *= (all_k - k) * (n - k) / ((k + 1) * (all_n - all_k - n + k + 1))
        total += term
        k += 1
    return min(1.0, total)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
