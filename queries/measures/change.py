"""Say once whether a rate changed over time: found, not found or not tested. Pure.

Each shape of `shapes` whose gain exceeds its limit (`change_limits`) may be found; among them and the even shape that
with the lowest BIC (Schwarz 1978) is. Whatever a report says of change it takes from this verdict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from queries.measures.change_limits import change_limit
from queries.measures.change_verdict import (
    ChangeFound,
    ChangeNotFound,
    ChangeNotTested,
    ChangeVerdict,
    Counts,
    Unit,
)
from queries.measures.comparison import POWER, Difference, normal_quantile
from queries.measures.control_chart import FEWEST_POINTS
from queries.measures.rates import Z95
from queries.measures.shapes import PARAMETERS, Array, Candidate, Shapes, fit_shapes


def change_in(
    periods: Sequence[Counts], unit: Unit = "week", design_effect: float | Sequence[float] = 1.0, looks: int = 1
) -> ChangeVerdict:
    """The verdict on (rated, missed) by period, in order; periods with 0 of 0 are gaps.

    `design_effect` is that of each period, or one for all. `looks` is the number of series examined in all: the chance
    that one of them shows a change by accident stays under 5 %.
    """
    counts = np.asarray(periods, float).reshape(-1, 2)
    at = np.flatnonzero(counts[:, 0] > 0)
    effects = np.broadcast_to(np.asarray(design_effect, float), len(counts))[at]
    rated, missed = counts[at].T / effects
    if len(at) < FEWEST_POINTS:
        return ChangeNotTested("periods", len(at))
    if not 0 < missed.sum() < rated.sum():
        return ChangeNotTested("outcomes", len(at))
    at = at - at[0]
    shapes = fit_shapes(at, rated, missed, unit)
    # The fewer of both outcomes says how coarse the counts are: 95 % missed is as coarse as 5 %.
    expected = float(min(missed.mean(), (rated - missed).mean()) / shapes.swing**2)
    limits = {shape: change_limit(shape, unit, int(at[-1]) + 1, expected, looks) for shape in PARAMETERS}
    passing = [each for each in shapes.candidates if each.gain > limits[each.shape]]
    best = min(passing, key=lambda each: _bic(each, len(at)), default=None)
    if best is None or _bic(best, len(at)) >= 0:
        rate = float(missed.sum() / rated.sum())
        return ChangeNotFound(_detectable(shapes, rated, missed, limits["step"]), shapes.has_season, rate)
    return _found(best, shapes, counts)


def _bic(candidate: Candidate, periods: int) -> float:
    """BIC less that of the even shape."""
    return PARAMETERS[candidate.shape] * math.log(periods) - float(candidate.gain)


def _detectable(shapes: Shapes, rated: Array, missed: Array, limit: float) -> float:
    """The rise halfway that exceeds the limit with the power: (√limit + 0.84) standard errors, from the logit."""
    rate = float(missed.sum() / rated.sum())
    logits = (math.sqrt(limit) + normal_quantile(1 - POWER)) * float(shapes.middle_error)
    return 1 / (1 + (1 - rate) / rate * math.exp(-logits)) - rate


def _found(best: Candidate, shapes: Shapes, counts: Array) -> ChangeFound:
    """Rates averaged over the periods concerned, and their difference with a 95 % interval by the delta method.

    Rates that stand beside counts are those of the counts. The fitted ones give the error, and the rates beside which
    there are none: those of a trend, and that expected at the same time of year.
    """
    is_trend = best.shape == "trend"
    known = np.flatnonzero(counts[:, 0] > 0)
    first, end = int(known[best.first]), int(known[best.end - 1]) + 1
    inside = counts[first:end].sum(0)
    outside = counts.sum(0) - inside
    low, high = (-0.5, 0.5) if is_trend else (0.0, 1.0)
    weights = counts[known, 0] if is_trend else counts[known, 0] * best.column
    weights = weights / weights.sum()
    (before, slope_before), (after, slope_after) = (_averaged(best, shapes, weights, value) for value in (low, high))
    slope = slope_after - slope_before
    error = math.sqrt(slope @ np.linalg.solve(best.fit.information, slope)) * float(shapes.swing)
    if not is_trend:
        after = float(inside[1] / inside[0])
        before = before if shapes.has_season else float(outside[1] / outside[0])
    difference = after - before
    limits = (max(-1.0, difference - Z95 * error), min(1.0, difference + Z95 * error))
    return ChangeFound(
        best.shape,
        first,
        end,
        before,
        after,
        Difference(difference, *limits),
        (int(outside[0]), int(outside[1])),
        (int(inside[0]), int(inside[1])),
        shapes.has_season,
    )


def _averaged(best: Candidate, shapes: Shapes, weights: Array, value: float) -> tuple[float, Array]:
    """The weighted rate if the shape's column had one value throughout, and its slope in each coefficient."""
    design = np.concatenate([shapes.base, np.full((len(weights), 1), value)], -1)
    rates = 1 / (1 + np.exp(-design @ best.fit.coefficients))
    return float(weights @ rates), (weights * rates * (1 - rates)) @ design
