"""Logistic regression on cells: bookings counted by the levels of several factors. Pure.

Each factor is coded by its levels, one of which is the reference with an effect of 0. The likelihood is maximised by
Newton's method (iteratively reweighted least squares; McCullagh and Nelder 1989, chapter 4). A cell belongs to one
level of each factor, so the Hessian is made of blocks, one for each pair of factors, and each block is a sum of weights
by pairs of levels: no matrix with a row for each cell is ever made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

# A penalty of ridge/2 times the squares of the effects keeps the effect of a level without any no-show finite. It is
# worth as much as the variance of one booking at a rate of 11 %.
RIDGE = 0.1
_MOST_STEPS = 100
_CONVERGED = 1e-10
_NO_MAXIMUM = "the likelihood has no finite maximum"


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted model: log odds at the reference levels, and the effects of each factor's levels as log odds ratios.

    `covariance` is that of all effects, without the intercept: the rows of factor f begin at `starts[f]`, and those of
    reference levels are 0. `fitted` is the expected rate of each cell, `codes` its level of each factor.
    """

    intercept: float
    effects: tuple[Floats, ...]
    covariance: Floats
    starts: tuple[int, ...]
    fitted: Floats
    codes: tuple[Codes, ...] = ()

    def covariance_of(self, factor: int) -> Floats:
        """The covariance of one factor's effects."""
        mine = slice(self.starts[factor], self.starts[factor] + len(self.effects[factor]))
        return self.covariance[mine, mine]

    def variances(self, factor: int) -> list[float]:
        """The variance of each of one factor's effects; 0 for the reference."""
        return [float(each) for each in np.diag(self.covariance_of(factor))]

    def contrast_variance(self, factor: int, one: int, other: int) -> float:
        """The variance of the difference of two effects of a factor."""
        among = self.covariance_of(factor)
        return float(among[one, one] + among[other, other] - 2 * among[one, other])

    def wald(self, factor: int) -> float:
        """Wald's statistic of all effects of a factor: chi-square with one degree less than levels if there is none."""
        among = self.covariance_of(factor)
        free = np.flatnonzero(np.diag(among))
        effects = self.effects[factor][free]
        return float(effects @ np.linalg.solve(among[np.ix_(free, free)], effects))

    def information_on(self, groups: Codes, number: int, variances: Floats) -> Floats:
        """The information on an effect of each group of cells, beside the effects of all factors.

        `groups` has the group of each cell, from 0 to `number` - 1, and `variances` its sum of p(1 - p). Near 0 if the
        factors separate the bookings of a group from all others, as an hour at which nobody else leads a session does.
        """
        of_groups, total = np.bincount(groups, variances, number), float(variances.sum())
        left = of_groups * (1 - of_groups / total)
        if not self.codes:
            return left
        # Sums by group and level, less those of a group that is spread over the levels as all bookings are.
        apart = [
            np.bincount(groups * len(levels) + code, variances, number * len(levels)).reshape(number, -1)
            - np.outer(of_groups, np.bincount(code, variances, len(levels))) / total
            for code, levels in zip(self.codes, self.effects, strict=True)
        ]
        beside = np.concatenate(apart, axis=1)
        information: Floats = left - ((beside @ self.covariance) * beside).sum(axis=1)
        return information


def fit(
    codes: Sequence[Codes],
    levels: Sequence[int],
    references: Sequence[int],
    missed: Floats,
    rated: Floats,
    ridge: float = RIDGE,
) -> Fit:
    """Fit a model to cells: `codes[f]` has the level of factor f of each cell, from 0 to `levels[f]` - 1.

    Raises ValueError if no booking or every booking is a no-show, and ArithmeticError if there is no finite maximum,
    which only happens without a ridge.
    """
    total, misses = float(rated.sum()), float(missed.sum())
    if not 0 < misses < total:
        raise ValueError("a model needs no-shows and bookings that were kept")
    starts = np.concatenate(([1], 1 + np.cumsum(levels))).astype(int)
    size = int(starts[-1])
    free = np.setdiff1d(np.arange(size), starts[:-1] + np.asarray(references, dtype=int))
    penalty = np.full(size, ridge)
    penalty[0] = 0.0
    beta = np.zeros(size)
    beta[0] = np.log(misses / (total - misses))
    eta = _linear(beta, codes, starts)
    for _ in range(_MOST_STEPS):
        rates = 1 / (1 + np.exp(-eta))
        hessian = _hessian(rated * rates * (1 - rates), codes, levels, starts)[np.ix_(free, free)]
        hessian[np.diag_indices_from(hessian)] += penalty[free]
        score = _by_level(missed - rated * rates, codes, levels)[free] - (penalty * beta)[free]
        step = np.zeros(size)
        step[free] = _solved(hessian, score)
        beta, eta = _uphill(beta, step, codes, starts, missed, rated, penalty)
        if np.abs(step).max() < _CONVERGED:
            break
    else:
        raise ArithmeticError(_NO_MAXIMUM)
    covariance = np.zeros((size, size))
    covariance[np.ix_(free, free)] = np.linalg.inv(hessian)
    effects = tuple(beta[first:last] for first, last in pairwise(starts))
    firsts = tuple(int(first) - 1 for first in starts[:-1])
    fitted = np.broadcast_to(1 / (1 + np.exp(-eta)), rated.shape)  # one rate for all if there are no factors
    return Fit(float(beta[0]), effects, covariance[1:, 1:], firsts, fitted, tuple(codes))


def _solved(hessian: Floats, score: Floats) -> Floats:
    try:
        solved = np.linalg.solve(hessian, score).astype(np.float64)
    except np.linalg.LinAlgError as error:  # without a ridge, if a level has no bookings or an infinite effect
        raise ArithmeticError(_NO_MAXIMUM) from error
    return solved


def _linear(beta: Floats, codes: Sequence[Codes], starts: Codes) -> Floats:
    eta = np.full(len(codes[0]) if codes else 1, beta[0])
    for at, code in enumerate(codes):
        eta = eta + beta[starts[at] : starts[at + 1]][code]
    return eta


def _by_level(values: Floats, codes: Sequence[Codes], levels: Sequence[int]) -> Floats:
    """The sum of values over all cells, then over the cells of each level of each factor."""
    sums = [np.bincount(code, values, number) for code, number in zip(codes, levels, strict=True)]
    return np.concatenate([[values.sum()], *sums])


def _hessian(weights: Floats, codes: Sequence[Codes], levels: Sequence[int], starts: Codes) -> Floats:
    """The information matrix of intercept and levels: sums of weights by level and by pairs of levels."""
    sums = _by_level(weights, codes, levels)
    hessian = np.diag(sums)
    hessian[0, :] = hessian[:, 0] = sums
    for at, code in enumerate(codes):
        for other in range(at):
            pairs = np.bincount(codes[other] * levels[at] + code, weights, levels[other] * levels[at])
            block = pairs.reshape(levels[other], levels[at])
            rows, columns = slice(starts[other], starts[other + 1]), slice(starts[at], starts[at + 1])
            hessian[rows, columns] = block
            hessian[columns, rows] = block.T
    return hessian


def _uphill(
    beta: Floats,
    step: Floats,
    codes: Sequence[Codes],
    starts: Codes,
    missed: Floats,
    rated: Floats,
    penalty: Floats,
) -> tuple[Floats, Floats]:
    """Take the step, or the largest half, quarter, ... of it that does not lower the penalised likelihood."""

    def likelihood(at: Floats, eta: Floats) -> float:
        return float((missed * eta - rated * np.logaddexp(0, eta)).sum() - (penalty * at * at).sum() / 2)

    before = likelihood(beta, _linear(beta, codes, starts))
    tolerance = 1e-12 * abs(before)  # sums of floats differ by rounding
    for halvings in range(40):
        moved = beta + step / 2**halvings
        eta = _linear(moved, codes, starts)
        if likelihood(moved, eta) >= before - tolerance:
            break
    return moved, eta
