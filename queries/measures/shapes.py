"""Fit the shapes that a rate can take over time: even, a step, a spell that ended, a steady trend. Pure.

Quasi-binomial likelihoods (McCullagh and Nelder 1989, chapter 4) by iteratively reweighted least squares; from two
years on each shape has a yearly season beside it (two Fourier pairs). The place of a step or spell is the one with the
largest score statistic: all places follow from one fit of the even shape by differences of running sums.

Arrays have time on their last axis; axes before it are series that are fitted side by side, as simulations do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queries.measures.change_verdict import Shape, Unit

Array = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

# Parameters of each shape beyond the even one, as BIC counts them: one for its size, and 0.4 for each of its places.
# Simulated over two years: at 0.4 a step of 4 points is called a trend in 9 %, a trend of 6 points a step in 25 %; at 1
# in 16 and 7 %.
PARAMETERS: Mapping[Shape, float] = {"trend": 1.0, "step": 1.4, "spell": 1.8}
# The mean moving range of two normal values, in standard deviations.
_D2 = 1.128
_ITERATIONS = 30
_LARGEST_STEP, _LARGEST_LOGIT = 2.0, 12.0
_RIDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Calendar:
    """Periods of one length: how many make a year, how many a side of a step has at least, how long spells last.

    `season_from`: so many periods, two years, show a yearly season.
    """

    year: float
    shortest_side: int
    spell: tuple[int, int]
    season_from: int


CALENDARS: Mapping[Unit, Calendar] = {
    "week": Calendar(365.25 / 7, shortest_side=3, spell=(3, 13), season_from=104),
    "month": Calendar(12.0, shortest_side=3, spell=(1, 3), season_from=24),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted logit: coefficients (…, p), their information (…, p, p), fitted rates and log likelihood."""

    coefficients: Array
    information: Array
    rates: Array
    likelihood: Array


@dataclass(frozen=True, slots=True)
class Candidate:
    """A shape at its best place, as positions [first, end) of the periods; `gain` is 2 Δ log likelihood ÷ swing²."""

    shape: Shape
    first: Places
    end: Places
    column: Array
    fit: Fit
    gain: Array


@dataclass(frozen=True, slots=True)
class Shapes:
    """The fits of every shape. `swing` is the dispersion between periods beyond the design effects, at least 1.

    `base` are the columns of the even shape; `middle_error` is the standard error, in logits, of a step halfway.
    """

    base: Array
    even: Fit
    candidates: tuple[Candidate, ...]
    swing: Array
    middle_error: Array
    has_season: bool


def fit_shapes(at: Places, rated: Array, missed: Array, unit: Unit = "week") -> Shapes:
    """Fit the shapes to effective numbers of rated and missed bookings of the periods that have any.

    `at` are the numbers of these periods, counted over all, so that a gap keeps its length; the rates must not all be
    0 or all be 1.
    """
    calendar = CALENDARS[unit]
    has_season = int(at[-1]) + 1 >= calendar.season_from
    base = _base(at, calendar.year if has_season else None)
    even = fit(base, rated, missed)
    swing = _swing(even.rates, rated, missed)
    scan = _Scan(base, even, rated, missed)
    found = {
        "trend": (np.zeros(1, np.intp), np.full(1, len(at), np.intp)),
        "step": _steps(at, calendar),
        "spell": _spells(at, calendar),
    }
    candidates = []
    for shape in PARAMETERS:
        firsts, ends = found[shape]
        if not len(firsts):
            continue
        best = scan.best(firsts, ends) if shape != "trend" else np.zeros(rated.shape[:-1], np.intp)
        first, end = firsts[best], ends[best]
        column = _column(shape, at, first, end)
        fitted = fit(_with_column(base, column), rated, missed, start=even.coefficients)
        gain = np.maximum(0.0, 2 * (fitted.likelihood - even.likelihood)) / swing**2
        candidates.append(Candidate(shape, first, end, column, fitted, gain))
    middle = np.asarray([len(at) // 2])
    information = scan.information(middle, np.asarray([len(at)]))[..., 0]
    return Shapes(base, even, tuple(candidates), swing, swing / np.sqrt(np.maximum(information, _RIDGE)), has_season)


def fit(design: Array, rated: Array, missed: Array, start: Array | None = None) -> Fit:
    """The logit of missed out of rated on the columns of a design (…, time, p), by Newton's method.

    Logits stay within ±12, so that a rate of 0 in a part of the time has a fit as well.
    """
    width = design.shape[-1]
    coefficients = np.zeros((*rated.shape[:-1], width))
    if start is None:
        share = missed.sum(-1) / rated.sum(-1)
        coefficients[..., 0] = np.log(share / (1 - share))
    else:
        coefficients[..., : start.shape[-1]] = start
    turned = np.swapaxes(design, -1, -2)
    for _ in range(_ITERATIONS):
        rates = _logistic(design, coefficients)
        information = (turned * (rated * rates * (1 - rates))[..., None, :]) @ design + _RIDGE * np.eye(width)
        step = np.linalg.solve(information, turned @ (missed - rated * rates)[..., None])[..., 0]
        coefficients = coefficients + np.clip(step, -_LARGEST_STEP, _LARGEST_STEP)
        if np.abs(step).max() < 1e-7:
            break
    rates = _logistic(design, coefficients)
    likelihood = (missed * np.log(rates) + (rated - missed) * np.log1p(-rates)).sum(-1)
    return Fit(coefficients, information, rates, likelihood)


class _Scan:
    """Score statistics of steps and spells at any places, from running sums of the even fit."""

    def __init__(self, base: Array, even: Fit, rated: Array, missed: Array) -> None:
        weights = rated * even.rates * (1 - even.rates)
        self._residuals = _running(missed - rated * even.rates)
        self._weights = _running(weights)
        self._columns = np.stack([_running(weights * column) for column in base.T], -1)
        self._inverse = np.linalg.inv(even.information)

    def information(self, firsts: Places, ends: Places) -> Array:
        """The information of the periods [first, end) on a coefficient of their own, beside the even shape."""
        beside = self._columns[..., ends, :] - self._columns[..., firsts, :]
        known = ((beside @ self._inverse) * beside).sum(-1)
        return np.asarray(self._weights[..., ends] - self._weights[..., firsts] - known)

    def best(self, firsts: Places, ends: Places) -> Places:
        """The position of the place with the largest score statistic, for each series."""
        score = self._residuals[..., ends] - self._residuals[..., firsts]
        information = self.information(firsts, ends)
        statistics = np.where(information > 1e-6, score**2 / np.maximum(information, 1e-6), 0.0)
        return np.asarray(statistics.argmax(-1))


def _steps(at: Places, calendar: Calendar) -> tuple[Places, Places]:
    firsts = np.arange(calendar.shortest_side, len(at) - calendar.shortest_side + 1)
    return firsts, np.full(len(firsts), len(at), np.intp)


def _spells(at: Places, calendar: Calendar) -> tuple[Places, Places]:
    """Spells begin and end within the time: before them and after them is a side as long as a step's."""
    side, (shortest, longest) = calendar.shortest_side, calendar.spell
    firsts, ends = np.meshgrid(np.arange(side, len(at) - side), np.arange(side, len(at) - side + 1), indexing="ij")
    lengths = at[np.minimum(ends, len(at) - 1)] - at[firsts]
    fitting = (ends > firsts) & (lengths >= shortest) & (lengths <= longest)
    return firsts[fitting], ends[fitting]


def _column(shape: Shape, at: Places, first: Places, end: Places) -> Array:
    """The column of a shape: 1 within a step or spell and 0 elsewhere; for a trend the time from -1/2 to 1/2."""
    if shape == "trend":
        line = (at - at[0]) / (at[-1] - at[0]) - 0.5
        return np.broadcast_to(line, (*first.shape, len(at))).astype(np.float64)
    places = np.arange(len(at))
    return ((places >= first[..., None]) & (places < end[..., None])).astype(np.float64)


def _base(at: Places, year: float | None) -> Array:
    """The columns of the even shape: a constant and, with a season, sines and cosines of one and two waves a year."""
    columns = [np.ones(len(at))]
    if year is not None:
        angles = 2 * math.pi * at / year
        columns += [wave(times * angles) for times in (1, 2) for wave in (np.sin, np.cos)]
    return np.stack(columns, -1)


def _with_column(base: Array, column: Array) -> Array:
    spread = np.broadcast_to(base, (*column.shape, base.shape[-1]))
    return np.concatenate([spread, column[..., None]], -1)


def _logistic(design: Array, coefficients: Array) -> Array:
    logits = (design @ coefficients[..., None])[..., 0]
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -_LARGEST_LOGIT, _LARGEST_LOGIT))))


def _swing(rates: Array, rated: Array, missed: Array) -> Array:
    """Mean moving range of the z-scores / 1.128, at least 1: neighbours, so that a step counts once."""
    scores = (missed - rated * rates) / np.sqrt(rated * rates * (1 - rates))
    return np.asarray(np.maximum(1.0, np.abs(np.diff(scores, axis=-1)).mean(-1) / _D2))


def _running(values: Array) -> Array:
    """Running sums that begin with 0: the sum of [first, end) is the difference of two."""
    return np.concatenate([np.zeros((*values.shape[:-1], 1)), np.cumsum(values, -1)], -1)
