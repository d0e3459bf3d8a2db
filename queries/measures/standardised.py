"""Compare groups like for like: the no-shows that would be expected of the bookings a group has. Pure.

Indirect standardisation (Breslow and Day 1987, chapter 2): the expected no-shows E of a group are the sum, over its
bookings, of the rates that a model of the other factors gives them; observed over expected, O/E, is above 1 if the
group loses more than bookings like its own elsewhere. The model knows nothing of the group but the bookings it has.
Their sum over all groups is exact, so a group that is a part s of the whole (of the variance, sum p(1 - p)) takes part
in its own standard: O - E has the variance D (1 - s) sum p(1 - p). The doubt about the model's own effects is left out;
it is small beside that of O if the model has few parameters for so many no-shows, which `cells` sees to.

A group can only be compared so far as others have bookings like its own. If a member of staff alone leads sessions at
8:00, the model takes the effect of the person for that of the hour, and E is O whoever is to blame. There
remains the information I on an effect of the group beside those of the factors: the expected O - E is I / sum p(1 - p)
of the difference from others that the group makes. That is `separable`, at most 1 - s. A group of which the
factors leave less than a quarter of 1 - s is called inseparable: its bookings are hardly anybody else's.
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

# With less of its information left, a group has too few bookings that others have as well.
_LEAST_LEFT = 0.25


@dataclass(frozen=True, slots=True)
class Standardised:
    """The no-shows and rated bookings of a group, and the no-shows expected of the same bookings elsewhere.

    `ratio` is O/E with its 95 % interval: Wilson's of O of n, with the effective n that gives the variance of O - E,
    over E/n. `p_value` is two-sided. `standard_error` is that of (O - E) / n, if the group is like the others.
    `separable` is the part of a difference from like bookings of others that shows in O - E, and `is_separable` whether
    the factors leave enough of it.
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
    separable: float
    is_separable: bool
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

    @property
    def others_rate(self) -> float:
        """The rate of like bookings of others, to the first order: O - E shows `separable` of the difference from it.

        For example, 2 % of a half of all bookings against an expected 1.5 % is twice the 1 % of the other half.
        """
        apart = (self.rate - self.expected_rate) / self.separable if self.separable > 0 else 0.0
        return min(1.0, max(0.0, self.rate - apart))


def standardised(
    cells: Cells, family: str, fitted: Fit, min_bookings: int, design_effects: DesignEffects = INDEPENDENT
) -> list[Standardised]:
    """The groups of a family, by a model without it; those of fewer bookings, or without others, are left out."""
    key = pl.col(f"{family}_id")
    n, rates = pl.col("rated_bookings"), pl.col("rates")
    bookings = cells.frame.with_columns(pl.Series("rates", fitted.fitted, dtype=pl.Float64)).with_columns(
        expected=n * rates, variance=n * rates * (1 - rates)
    )
    sums = (
        bookings.group_by(key)
        .agg(pl.col("rated_bookings", "missed_bookings", "expected", "variance").sum())
        .sort(key)
        .with_row_index("at")
    )
    places = bookings.join(sums.select(key, "at"), on=key.meta.output_name(), nulls_equal=True, maintain_order="left")
    information = fitted.information_on(
        places["at"].cast(pl.Int64).to_numpy(), sums.height, bookings["variance"].to_numpy()
    )
    total, whole, rate = cells.rated, math.fsum(sums["variance"]), cells.missed / cells.rated
    return [
        _group(
            _Observed(family, group, rated, missed),
            expected,
            _Spread(variance, variance / whole, float(information[at]), design_effects.of(family, group)),
            rate,
            rate * (1 - rate) * rated * (1 - rated / total) * design_effects.of(family, group),
        )
        for at, group, rated, missed, expected, variance in sums.iter_rows()
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


@dataclass(frozen=True, slots=True)
class _Spread:
    """Sum of p(1 - p), its part of the whole, the information on an effect of the group, and the design effect."""

    sum: float
    part: float
    information: float
    design_effect: float

    @property
    def variance(self) -> float:
        """The variance of O - E."""
        return self.sum * (1 - self.part) * self.design_effect


def _group(seen: _Observed, expected: float, spread: _Spread, crude_rate: float, crude_variance: float) -> Standardised:
    rate, variance = expected / seen.rated, spread.variance
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
        separable=spread.information / spread.sum,
        is_separable=spread.information >= _LEAST_LEFT * spread.sum * (1 - spread.part),
        crude_ratio=seen.missed / (seen.rated * crude_rate),
        crude_p_value=seen.p_value(crude_rate, crude_variance),
    )
