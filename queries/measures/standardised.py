"""Compare groups like for like: the no-shows that would be expected of the bookings a group has. Pure.

Indirect standardisation (Breslow and Day 1987, chapter 2): the expected no-shows E of a group are the sum, over its
bookings, of the rates that a model of the other factors gives them; observed over expected, O/E, is above 1 if the
group loses more than bookings like its own elsewhere. The model knows nothing of the group but the bookings it has.
Their sum over all groups is exact, so a group that is a part s of the whole (of the variance, sum p(1 - p)) takes part
in its own standard: O - E has the variance D (1 - s) sum p(1 - p). The doubt about the model's own effects is left out;
it is small beside that of O if the model has few parameters for so many no-shows, which `cells` sees to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.measures.cells import Cells
from queries.measures.comparison import wilson_limits
from queries.measures.design_effects import INDEPENDENT, DesignEffects
from queries.measures.tails import binomial_tail

if TYPE_CHECKING:
    from queries.measures.logistic import Fit


@dataclass(frozen=True, slots=True)
class Standardised:
    """The no-shows and rated bookings of a group, and the no-shows expected of the same bookings elsewhere.

    `ratio` is O/E with its 95 % interval: Wilson's of O of n, with the effective n that gives the variance of O - E,
    over E/n. `p_value` is two-sided. `standard_error` is that of (O - E) / n, if the group is like the others.
    `crude_ratio` and `crude_p_value` are the same against the rate of all bookings. Whether it differs from the others
    is answered by its verdict (`group_verdicts`).
    """

    family: str
    key: str
    missed: int
    rated: int
    expected: float
    ratio: float
    low: float
    high: float
    p_value: float
    standard_error: float
    crude_ratio: float
    crude_p_value: float

    @property
    def rate(self) -> float:
        """The no-show rate as it is."""
        return self.missed / self.rated

    @property
    def expected_rate(self) -> float:
        """The rate that its bookings would have elsewhere."""
        return self.expected / self.rated


def standardised(
    cells: Cells, family: str, fitted: Fit, min_bookings: int, design_effects: DesignEffects = INDEPENDENT
) -> list[Standardised]:
    """The groups of a family, by a model without it; those of fewer bookings, or without others, are left out."""
    key = pl.col(f"{family}_id")
    rates = pl.Series("rates", fitted.fitted, dtype=pl.Float64)
    n = pl.col("rated_bookings")
    sums = (
        cells.frame.with_columns(rates)
        .group_by(key)
        .agg(
            n.sum(),
            pl.col("missed_bookings").sum(),
            (n * pl.col("rates")).sum().alias("expected"),
            (n * pl.col("rates") * (1 - pl.col("rates"))).sum().alias("variance"),
        )
        .sort(key)
    )
    total, whole, rate = cells.rated, math.fsum(sums["variance"]), cells.missed / cells.rated
    return [
        _group(
            _Observed(family, group, rated, missed),
            expected,
            variance * (1 - variance / whole) * design_effects.of(family, group),
            rate,
            rate * (1 - rate) * rated * (1 - rated / total) * design_effects.of(family, group),
        )
        for group, rated, missed, expected, variance in sums.iter_rows()
        if group is not None and min_bookings <= rated <= total - min_bookings
    ]


@dataclass(frozen=True, slots=True)
class _Observed:
    family: str
    key: str
    rated: int
    missed: int

    def effective(self, rate: float, variance: float) -> float:
        """How many independent bookings at one rate give each booking's part in the variance: 1 if all are such."""
        return self.rated * rate * (1 - rate) / variance

    def p_value(self, rate: float, variance: float) -> float:
        """Two-sided: how likely so many or so few no-shows are at a rate."""
        share = self.effective(rate, variance)
        above = binomial_tail(self.missed * share, self.rated * share, rate)
        below = binomial_tail((self.rated - self.missed) * share, self.rated * share, 1 - rate)
        return min(1.0, 2 * min(above, below))


def _group(seen: _Observed, expected: float, variance: float, crude_rate: float, crude_variance: float) -> Standardised:
    rate = expected / seen.rated
    share = seen.effective(rate, variance)
    low, high = wilson_limits(seen.missed * share, seen.rated * share)
    return Standardised(
        family=seen.family,
        key=seen.key,
        missed=seen.missed,
        rated=seen.rated,
        expected=expected,
        ratio=seen.missed / expected,
        low=low / rate,
        high=high / rate,
        p_value=seen.p_value(rate, variance),
        standard_error=math.sqrt(variance) / seen.rated,
        crude_ratio=seen.missed / (seen.rated * crude_rate),
        crude_p_value=seen.p_value(crude_rate, crude_variance),
    )
