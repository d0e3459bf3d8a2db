"""Flag groups that lose more of their bookings than all others together. Pure.

Formulas: one-sided mid-p tail of a beta-binomial distribution (Skellam 1948, JRSS B 10:257) whose dispersion holds the
design effects of `clustering`; Benjamini and Hochberg 1995, JRSS B 57:289.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from queries.measures.clustering import Clustering
from queries.measures.comparison import FALSE_DISCOVERIES, rejection_limit

# Bookings cannot be more alike; at 1 the beta distribution would have no parameters.
_LARGEST_CORRELATION = 0.999
_COMPARED = (
    *("missed_bookings", "rated_bookings", "design_effect", "contact_squares", "session_squares"),
    *("top_missed", "top_rated", "top_squares"),
)


def with_frequent(rates: pl.DataFrame, min_bookings: int, clustering: Clustering) -> pl.DataFrame:
    """Add excess_score and p_value (Float64), frequent and few_people (Boolean) to counts by group.

    They compare the rate of a group with p₂, that of all others together, and are null if there are none.

    - excess_score: the difference over its standard error, with the design effects of both and the rate over all.
    - p_value: the one-sided mid-p tail of a beta-binomial distribution with the mean p₂ and the variance
      p₂(1 - p₂)(D/n + D₂/n₂): see `excess_tail`.
    - p_value_without_top: the same without the three contacts that have most no-shows. Null if they are the whole
      group, or if p_value is above 5 %, which is never flagged.
    - frequent: at least `min_bookings` rated, and above the others by Benjamini-Hochberg at 5 % over such groups.
    - few_people: without these three contacts it would not be frequent. Null unless frequent, or if they are withheld.
    """
    groups = _all(rates, clustering)
    tails = [excess_tail(each) if each else None for each in groups]
    without = [
        _tail_without_top(each) if each and tail is not None and tail <= FALSE_DISCOVERIES else None
        for each, tail in zip(groups, tails, strict=True)
    ]
    scored = rates.with_columns(
        excess_score=pl.Series([_excess_score(each) if each else None for each in groups], dtype=pl.Float64),
        p_value=pl.Series(tails, dtype=pl.Float64),
        p_value_without_top=pl.Series(without, dtype=pl.Float64),
    )
    return flagged_together({"": scored}, min_bookings)[""]


def flagged_together(
    frames: Mapping[str, pl.DataFrame], min_bookings: int, level: float = FALSE_DISCOVERIES
) -> dict[str, pl.DataFrame]:
    """Set frequent and few_people in several frames of `with_frequent`, as one set of tests at a level up to 5 %."""
    enough = pl.col("rated_bookings") >= min_bookings
    p_values = [p for frame in frames.values() for p in frame.filter(enough)["p_value"].fill_null(1.0)]
    limit = rejection_limit(p_values, level)
    frequent = (enough & (pl.col("p_value") <= limit)).fill_null(False)
    is_known = frequent & pl.col("top_rated").is_not_null()
    # With another p-value in its place a rejected test is rejected up to the share of the last place, and no further.
    share = level * sum(p <= limit for p in p_values) / max(1, len(p_values))
    few = pl.when(is_known).then((pl.col("p_value_without_top") > share).fill_null(True))
    return {name: frame.with_columns(frequent=frequent, few_people=few) for name, frame in frames.items()}


def standard_errors(rates: pl.DataFrame, clustering: Clustering) -> pl.Series:
    """The standard error of each group's rate minus that of the others, if both are alike: Float64.

    Null if there are no others, or if all or none of the bookings are missed.
    """
    return pl.Series([_standard_error(each) if each else None for each in _all(rates, clustering)], dtype=pl.Float64)


@dataclass(frozen=True, slots=True)
class Compared:
    """A group and all the others together: no-shows, rated bookings and design effect of each."""

    k: int
    n: int
    effect: float
    rest_k: int
    rest_n: int
    rest_effect: float
    without_top: tuple[int, int, float] | None = None

    @property
    def rest_rate(self) -> float:
        """The rate of the others; that of all if none of the others missed, since no tail could be taken of it."""
        return self.rest_k / self.rest_n if self.rest_k else (self.k + self.rest_k) / (self.n + self.rest_n)


def excess_tail(group: Compared) -> float:
    """The chance of as many no-shows as a group has, or more, if its bookings were like those of the others: mid-p.

    Beta-binomial with the mean p₂ of the others and the correlation r of two trials at which the variance of k/n is
    p₂(1 - p₂)(D/n + D₂/n₂): 1 + (n - 1) r = D + n D₂/n₂. Sums over few people are skewed, which a normal tail leaves
    out. If the rate is not above that of the others, the result is 1, which no test rejects.
    """
    k, n = group.k, group.n
    if k * group.rest_n <= group.rest_k * n:
        return 1.0
    spread = group.effect + n * group.rest_effect / group.rest_n
    r = min(_LARGEST_CORRELATION, (spread - 1) / (n - 1)) if n > 1 else _LARGEST_CORRELATION
    return beta_binomial_tail(k, n, group.rest_rate, r)


def beta_binomial_tail(k: int, n: int, p: float, r: float) -> float:
    """P(K > k) + P(K = k)/2 for a beta-binomial K of n trials, with mean p and correlation r of two trials (0 to 1)."""
    a, b = p * (1 - r) / r, (1 - p) * (1 - r) / r
    term = math.exp(_log_choose(n, k) + _log_beta(k + a, n - k + b) - _log_beta(a, b))
    total = term / 2
    # Each further term follows from the one before, until terms are too small to change the sum.
    while k < n and term > total * 1e-17:
        term *= (n - k) * (k + a) / ((k + 1) * (n - k - 1 + b))
        total += term
        k += 1
    return min(1.0, total)


def _all(rates: pl.DataFrame, clustering: Clustering) -> list[Compared | None]:
    all_k, all_n = int(rates["missed_bookings"].sum()), int(rates["rated_bookings"].sum())
    return [_compared(row, all_k, all_n, clustering) for row in rates.select(_COMPARED).iter_rows(named=True)]


def _compared(row: Mapping[str, Any], all_k: int, all_n: int, clustering: Clustering) -> Compared | None:
    k, n = row["missed_bookings"] or 0, row["rated_bookings"] or 0
    rest_k, rest_n = all_k - k, all_n - n
    if not n or not rest_n or not 0 < all_k < all_n:
        return None
    squares = row["contact_squares"], row["session_squares"]
    without = None
    if row["top_rated"] is not None and row["top_rated"] < n:
        left = n - row["top_rated"]
        # Sessions lose these people in proportion: their squares by booking stay as they were.
        of_contacts = clustering.contact * ((squares[0] - row["top_squares"]) / left - 1)
        of_sessions = clustering.session * (squares[1] / n - 1)
        without = (k - row["top_missed"], left, max(1.0, 1 + of_contacts + of_sessions))
    return Compared(k, n, row["design_effect"], rest_k, rest_n, clustering.effect_of_rest(rest_n, *squares), without)


def _tail_without_top(group: Compared) -> float | None:
    """The tail of a group without the three contacts that have most no-shows; None if they are the whole group."""
    if group.without_top is None:
        return None
    k, n, effect = group.without_top
    return excess_tail(replace(group, k=k, n=n, effect=effect))


def _excess_score(group: Compared) -> float:
    return (group.k / group.n - group.rest_k / group.rest_n) / _standard_error(group)


def _standard_error(group: Compared) -> float:
    pooled = (group.k + group.rest_k) / (group.n + group.rest_n)
    return math.sqrt(pooled * (1 - pooled) * (group.effect / group.n + group.rest_effect / group.rest_n))


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
