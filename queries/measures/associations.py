"""Factors that go with no-shows: odds ratios of the levels of each factor, the other factors held equal.

Adjusted odds ratios are those of a logistic regression on all factors (`logistic`), crude ones those of the factor
alone (Woolf 1955, with half a booking added to each count if one is 0). A factor as a whole is tested by Wald's
statistic of its effects, and all factors together by Benjamini-Hochberg at 5 %. Bookings are not independent, so
variances are multiplied by the design effect of the differences between the factor's levels (`design_effects`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import polars as pl

from queries.measures.cells import Cells, Level
from queries.measures.comparison import benjamini_hochberg
from queries.measures.design_effects import INDEPENDENT, DesignEffects
from queries.measures.rates import Z95
from queries.measures.tails import chi_square_tail

if TYPE_CHECKING:
    from queries.measures.logistic import Fit

Answer = Literal["found", "not found", "not tested"]
# A difference that other factors explain is at most this part of the plain one.
EXPLAINED = 0.5
# The standard errors that a difference needs to be found four times of five at 5 %: 1.96 + 0.84.
DETECTABLE = 2.8015852
FEWEST_EVENTS = 10
# The variance of an adjusted log odds ratio over that of the crude one, up to which two levels are separable.
_MOST_INFLATED = 4.0


@dataclass(frozen=True, slots=True)
class OddsRatio:
    """An odds ratio with its 95 % interval."""

    ratio: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        """Whether the interval leaves out 1."""
        return self.low > 1 or self.high < 1

    def of_rate(self, rate: float) -> tuple[float, float, float]:
        """The rate at so many times the odds of another, with its interval: at twice the odds of 0.1 it is 0.182."""
        low, middle, high = (times * rate / (1 - rate + times * rate) for times in (self.low, self.ratio, self.high))
        return middle, low, high


@dataclass(frozen=True, slots=True)
class LevelOdds:
    """A level of a factor: no-shows of rated bookings, and its odds against the reference, crude and adjusted.

    The reference, the most frequent level, has no odds ratios. `is_confounded`: the crude odds differ clearly, and
    the adjusted do not, or differ the other way.
    """

    level: Level
    missed: int
    rated: int
    crude: OddsRatio | None
    adjusted: OddsRatio | None

    @property
    def is_confounded(self) -> bool:
        """Whether other factors explain its difference from the reference."""
        if self.crude is None or self.adjusted is None or not self.crude.is_clear:
            return False
        return not self.adjusted.is_clear or (self.crude.ratio > 1) != (self.adjusted.ratio > 1)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two levels by their places, and the adjusted odds ratio of the high one against the low one.

    `is_separable`: the other factors leave at least a quarter of the information on it. If Mondays alone have a
    service, the two are hardly separable, and the odds of either may be anything. `plain_ratio` is the crude odds
    ratio.
    """

    high: int
    low: int
    odds: OddsRatio
    is_separable: bool = True
    plain_ratio: float = 1.0

    @property
    def is_credible(self) -> bool:
        """Whether the odds can be separated from other factors, or show in the plain rates too (half of their log)."""
        return self.is_separable or math.log(self.plain_ratio) >= EXPLAINED * math.log(self.odds.ratio)


@dataclass(frozen=True, slots=True)
class Turned:
    """A difference of two levels that turns once bookings are alike in another factor.

    `strata` are the levels of that factor in which both occur; the counts are those of the two levels in these strata.
    """

    factor: str
    strata: tuple[Level, ...]
    missed: int
    rated: int
    other_missed: int
    other_rated: int


@dataclass(frozen=True, slots=True)
class Association:
    """A factor and whether it goes with no-shows, the others held equal.

    `statistic` is Wald's, with its p-value; `crude_p_value` is that of Pearson's test of the factor alone. `size` is
    the standard deviation of the adjusted log odds over all bookings, so that a level of few bookings adds little;
    `crude_size` that of the crude ones. `is_confounded`: alone it goes with no-shows, and the other factors explain
    that or turn it. `apart` has the two levels furthest apart, the other factors equal, and `plainly_apart` those with
    the highest and the lowest rate. `detectable` is the odds ratio `apart` that would have been clear four times of
    five.
    """

    factor: str
    levels: tuple[LevelOdds, ...]
    reference: Level
    statistic: float
    p_value: float
    crude_p_value: float
    size: float
    crude_size: float
    apart: Pair
    plainly_apart: Pair
    detectable: float
    answer: Answer = "not tested"
    is_confounded: bool = False
    turned: Turned | None = None


def can_be_modelled(cells: Cells) -> bool:
    """Whether there are factors, no-shows and bookings kept enough for a model."""
    return bool(cells.levels) and min(cells.missed, cells.rated - cells.missed) >= FEWEST_EVENTS


def associations(
    cells: Cells, fitted: Fit, min_bookings: int, design_effects: DesignEffects = INDEPENDENT
) -> tuple[Association, ...]:
    """The factors that `fitted`, the model of all `cells.levels`, has: those found first, the largest of each first."""
    made = [_association(cells, fitted, at, name, min_bookings, design_effects) for at, name in enumerate(cells.levels)]
    found = benjamini_hochberg([each.p_value for each in made])
    crude = benjamini_hochberg([each.crude_p_value for each in made])
    answered = [
        replace(
            each, answer="found" if is_found else "not found", is_confounded=is_crude and _is_explained(each, is_found)
        )
        for each, is_found, is_crude in zip(made, found, crude, strict=True)
    ]
    ordered = sorted(answered, key=lambda each: (each.answer != "found", -each.size, each.factor))
    return tuple(replace(each, turned=_turned(cells, each, ordered, min_bookings)) for each in ordered)


def _is_explained(each: Association, is_found: bool) -> bool:
    """Whether the other factors turn the difference, or explain it so far that it is neither found nor half as large.

    The adjusted effects go against the crude ones if their covariance over all bookings is negative. Factors that are
    not separable explain nothing.
    """
    if not each.plainly_apart.is_separable:
        return False
    rated = [level.rated for level in each.levels]
    crude = [math.log(level.crude.ratio) if level.crude else 0.0 for level in each.levels]
    adjusted = [math.log(level.adjusted.ratio) if level.adjusted else 0.0 for level in each.levels]
    if _covariance(rated, crude, adjusted) < 0:
        return True
    return not is_found and each.size <= EXPLAINED * each.crude_size


def _association(
    cells: Cells, fitted: Fit, at: int, name: str, min_bookings: int, design_effects: DesignEffects
) -> Association:
    levels, totals = cells.levels[name], cells.totals(name)
    effects = [float(effect) for effect in fitted.effects[at]]
    design = design_effects.between(name, levels)
    adjusted = [
        _odds_ratio(effect, design * variance) for effect, variance in zip(effects, fitted.variances(at), strict=True)
    ]
    reference = cells.reference(name)
    odds = _levels(levels, totals, design, adjusted, reference)
    known = _comparable(odds, min_bookings)

    def variance(high: int, low: int) -> float:
        return design * fitted.contrast_variance(at, high, low)

    def pair(order: Callable[[int], float]) -> Pair:
        high = max(known, key=lambda place: (order(place), -place))
        low = min(known, key=lambda place: (order(place), -place))
        spread, (log, alone) = variance(high, low), _log_odds(totals[high], totals[low])
        odds = _odds_ratio(effects[high] - effects[low], spread)
        return Pair(high, low, odds, spread <= _MOST_INFLATED * design * alone, math.exp(log))

    apart = pair(lambda place: effects[place])
    rated = [n for n, _ in totals]
    crude = [math.log(each.crude.ratio) if each.crude else 0.0 for each in odds]
    statistic = fitted.wald(at) / design
    return Association(
        factor=name,
        levels=odds,
        reference=levels[reference],
        statistic=statistic,
        p_value=chi_square_tail(statistic, len(levels) - 1),
        crude_p_value=_pearson(totals, design),
        size=math.sqrt(_covariance(rated, effects, effects)),
        crude_size=math.sqrt(_covariance(rated, crude, crude)),
        apart=apart,
        plainly_apart=pair(lambda place: odds[place].missed / odds[place].rated),
        detectable=math.exp(min(700.0, DETECTABLE * math.sqrt(variance(apart.high, apart.low)))),
    )


def _levels(
    levels: Sequence[Level],
    totals: Sequence[tuple[int, int]],
    design: float,
    adjusted: Sequence[OddsRatio],
    reference: int,
) -> tuple[LevelOdds, ...]:
    crude = [_woolf(each, totals[reference], design) for each in totals]
    return tuple(
        LevelOdds(
            level,
            missed,
            rated,
            crude=None if place == reference else crude[place],
            adjusted=None if place == reference else adjusted[place],
        )
        for place, (level, (rated, missed)) in enumerate(zip(levels, totals, strict=True))
    )


def _comparable(levels: Sequence[LevelOdds], min_bookings: int) -> list[int]:
    """The places of the levels that are known and have enough bookings; if that leaves fewer than two, of all."""
    enough = [at for at, level in enumerate(levels) if level.rated >= min_bookings and level.level is not None]
    return enough if len(enough) > 1 else list(range(len(levels)))


def _woolf(one: tuple[int, int], other: tuple[int, int], design: float) -> OddsRatio:
    log, variance = _log_odds(one, other)
    return _odds_ratio(log, design * variance)


def _log_odds(one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """The log odds ratio of one level against another, and its variance for independent bookings."""
    (n1, k1), (n2, k2) = one, other
    half = 0.0 if min(k1, n1 - k1, k2, n2 - k2) > 0 else 0.5
    a, b, c, d = (count + half for count in (k1, n1 - k1, k2, n2 - k2))
    return math.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def _odds_ratio(log: float, variance: float) -> OddsRatio:
    spread = Z95 * math.sqrt(variance)
    return OddsRatio(*(math.exp(min(700.0, each)) for each in (log, log - spread, log + spread)))


def _pearson(totals: Sequence[tuple[int, int]], design: float) -> float:
    """Pearson's test of equal rates, its statistic divided by a design effect."""
    rate = sum(k for _, k in totals) / sum(n for n, _ in totals)
    statistic = sum((k - n * rate) ** 2 / (n * rate * (1 - rate)) for n, k in totals if n)
    return chi_square_tail(statistic / design, len(totals) - 1)


def _covariance(weights: Sequence[int], one: Sequence[float], other: Sequence[float]) -> float:
    total = sum(weights)
    means = [math.fsum(w * x for w, x in zip(weights, each, strict=True)) / total for each in (one, other)]
    terms = (w * (x - means[0]) * (y - means[1]) for w, x, y in zip(weights, one, other, strict=True))
    return math.fsum(terms) / total


def _turned(cells: Cells, each: Association, ordered: Sequence[Association], min_bookings: int) -> Turned | None:
    """The two levels of a confounded factor in the strata of the strongest other factor, if their difference turns.

    For example, reminders may go out only for bookings made more than two days ahead, which are missed more often with
    or without: of all bookings those with a reminder are missed more, of those made so far ahead less.
    """
    other = next((one for one in ordered if one.answer == "found" and one.factor != each.factor), None)
    if not each.is_confounded or other is None:
        return None
    high, low = each.plainly_apart.high, each.plainly_apart.low
    sums = cells.frame.group_by(each.factor, other.factor).agg(pl.col("rated_bookings", "missed_bookings").sum())
    by_pair = {(level, stratum): (rated, missed) for level, stratum, rated, missed in sums.iter_rows()}
    strata = [
        at
        for at in range(len(other.levels))
        if min(by_pair.get((level, at), (0, 0))[0] for level in (high, low)) >= min_bookings
    ]
    if not strata:
        return None
    (n1, k1), (n2, k2) = (
        tuple(map(sum, zip(*(by_pair[level, at] for at in strata), strict=True))) for level in (high, low)
    )
    if k1 * n2 >= k2 * n1:
        return None
    return Turned(other.factor, tuple(cells.levels[other.factor][at] for at in strata), k1, n1, k2, n2)
