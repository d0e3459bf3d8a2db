"""Made-up counts of bookings and no-shows by period, many series at a time, for tests of the verdict on change."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queries.measures.change import change_in
from queries.measures.change_verdict import ChangeVerdict
from queries.measures.shapes import PARAMETERS, Shape, Unit, fit_shapes

Array = npt.NDArray[np.float64]
EVEN = 0.12
YEAR = 365.25 / 7


def logit(rate: float | Array) -> Array:
    rates = np.asarray(rate, float)
    return np.log(rates / (1 - rates))


def rate(logits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logits)))


def wave(weeks: int, size: float = 0.35, shift: float = 1.0) -> Array:
    """The logits of a yearly wave, about 9 to 16 % around 12 %."""
    return logit(EVEN) + size * np.sin(2 * np.pi * np.arange(weeks) / YEAR + shift)


def counts(rng: np.random.Generator, rates: Array, bookings: int, samples: int) -> tuple[Array, Array]:
    """Bookings and no-shows (samples, periods) of independent bookings at the rates of the periods."""
    rated = np.full((samples, len(rates)), bookings, float)
    return rated, rng.binomial(bookings, np.broadcast_to(rates, rated.shape)).astype(float)


def even_quantiles(
    rng: np.random.Generator, unit: Unit, periods: int, bookings: int, samples: int, quantile: float = 0.99
) -> Mapping[Shape, float]:
    """The quantile of each shape's gain over series of an even rate; series without any no-show are left out."""
    gains: dict[Shape, list[Array]] = {shape: [] for shape in PARAMETERS}
    most = max(1, 40_000 // periods)
    for first in range(0, samples, most):
        rated, missed = counts(rng, np.full(periods, EVEN), bookings, min(most, samples - first))
        some = missed.sum(-1) > 0
        for candidate in fit_shapes(np.arange(periods), rated[some], missed[some], unit).candidates:
            gains[candidate.shape].append(candidate.gain)
    return {shape: float(np.quantile(np.concatenate(each), quantile)) for shape, each in gains.items()}


def session_shocks(rng: np.random.Generator, weeks: int, sd: float, samples: int) -> tuple[Array, Array, Array]:
    """Bookings, no-shows and design effects by week: eight sessions of 40 a week, each with a shock of its own."""
    sessions, size = 8, 40
    rates = rate(logit(EVEN) + rng.normal(0, sd, (samples, weeks, sessions)))
    missed = rng.binomial(size, rates)
    effects = 1 + (size - 1) * correlation(np.full(missed.shape, size), missed)
    rated = np.full((samples, weeks), sessions * size, float)
    return rated, missed.sum(-1).astype(float), np.broadcast_to(effects[:, None], rated.shape)


def regulars(
    rng: np.random.Generator, weeks: int, sd: float, leaving: float, samples: int
) -> tuple[Array, Array, Array]:
    """Bookings, no-shows and design effects by week: 320 people, each with a habit, who book once a week.

    A share `leaving` of them leaves every week, and others with habits of their own take their places.
    """
    people = 320
    rated = np.full((samples, weeks), people, float)
    missed, effects = np.zeros_like(rated), np.zeros_like(rated)
    for sample in range(samples):
        begins = rng.random((weeks, people)) < leaving
        person = np.cumsum(begins, 0) * people + np.arange(people)
        _, number = np.unique(person, return_inverse=True)
        number = number.reshape(person.shape)
        habits = rate(logit(EVEN) + rng.normal(0, sd, number.max() + 1))
        misses = rng.random(person.shape) < habits[number]
        bookings = np.bincount(number.ravel())
        theirs = np.bincount(number.ravel(), misses.ravel())
        missed[sample] = misses.sum(1)
        within = correlation(bookings[None], theirs[None])[0]
        halves = [np.bincount(each.ravel(), minlength=len(bookings)) for each in np.array_split(number, 2)]
        effects[sample] = effect_between(within, *halves)
    return rated, missed, effects


def effect_between(within: float, before: Array, after: Array) -> float:
    """The design effect of the difference between two times, from each person's bookings in them.

    Who books as often in both adds the same to both rates, which the difference leaves out:
    1 + ρ (Σ (b / B - a / A)² ÷ (1 / B + 1 / A) - 1), at least 1.
    """
    shares = before / before.sum() - after / after.sum()
    return max(1.0, 1 + within * (float((shares**2).sum()) / (1 / before.sum() + 1 / after.sum()) - 1))


def correlation(bookings: Array, missed: Array) -> Array:
    """The correlation within groups of each sample (axis 0), by pairs: Σ((Σu)² - Σu²) / (Σ n (n - 1) · p (1 - p))."""
    bookings, missed = bookings.reshape(len(bookings), -1), missed.reshape(len(missed), -1)
    p = (missed.sum(-1) / bookings.sum(-1))[:, None]
    pairs = (missed - bookings * p) ** 2 - (missed * (1 - p) ** 2 + (bookings - missed) * p**2)
    return np.maximum(0.0, pairs.sum(-1) / ((bookings * (bookings - 1)).sum(-1) * (p * (1 - p))[:, 0]))


Sample = tuple[Array, Array, Array]


def independent(rates: Array, bookings: int = 320) -> Callable[[np.random.Generator, int], Sample]:
    def sample(rng: np.random.Generator, samples: int) -> Sample:
        rated, missed = counts(rng, rates, bookings, samples)
        return rated, missed, np.ones_like(rated)

    return sample


def stepped(weeks: int, at: int, to: float, season: bool = False) -> Array:
    return rate(_season(weeks, season) + _rise(to) * (np.arange(weeks) >= at))


def spelled(weeks: int, at: int, length: int, to: float, season: bool = False) -> Array:
    place = np.arange(weeks)
    return rate(_season(weeks, season) + _rise(to) * ((place >= at) & (place < at + length)))


def trending(weeks: int, first: float, last: float, season: bool = False) -> Array:
    line = np.linspace(logit(first) - logit(EVEN), logit(last) - logit(EVEN), weeks)
    return rate(_season(weeks, season) + line)


def _season(weeks: int, season: bool) -> Array:
    return wave(weeks) if season else np.full(weeks, logit(EVEN))


def _rise(to: float) -> Array:
    return logit(to) - logit(EVEN)


@dataclass(frozen=True)
class Cell:
    """A truth, the word the verdict should have for it (`not found` or a shape), and how often at least."""

    name: str
    sample: Callable[[np.random.Generator, int], Sample]
    word: str
    at_least: float
    at: int | None = None


def _weeks(weeks: int) -> Sequence[Cell]:
    """The cells of the definitions over a number of weeks; two years have a yearly wave in every one."""
    season = weeks >= 104
    half = weeks // 2
    return (
        Cell("no change" + " but a wave" * season, independent(rate(_season(weeks, season))), "not found", 0.95),
        Cell("shocks of sessions, sd 0.5", lambda rng, n: session_shocks(rng, weeks, 0.5, n), "not found", 0.95),
        Cell("regulars, sd 0.7, all stay", lambda rng, n: regulars(rng, weeks, 0.7, 0, n), "not found", 0.95),
        Cell("regulars, sd 0.7, 2 % leave", lambda rng, n: regulars(rng, weeks, 0.7, 0.02, n), "not found", 0.95),
        Cell("regulars, sd 1.2, 2 % leave", lambda rng, n: regulars(rng, weeks, 1.2, 0.02, n), "not found", 0.95),
        Cell("step of 4 points halfway", independent(stepped(weeks, half, 0.16, season)), "step", 0.9, half),
        Cell("step of 4 points late", independent(stepped(weeks, weeks * 3 // 4, 0.16, season)), "step", 0.9),
        Cell("six weeks 8 points worse", independent(spelled(weeks, half, 6, 0.2, season)), "spell", 0.8),
        Cell("six weeks 5 points worse", independent(spelled(weeks, half, 6, 0.17, season)), "spell", 0.8),
        Cell("trend from 10 to 16 %", independent(trending(weeks, 0.1, 0.16, season)), "trend", 0.7),
    )


CELLS: Mapping[int, Sequence[Cell]] = {weeks: _weeks(weeks) for weeks in (52, 104)}


def verdicts(cell: Cell, samples: int, seed: int = 18) -> list[ChangeVerdict]:
    drawn = zip(*cell.sample(np.random.default_rng(seed), samples), strict=True)
    return [
        change_in([(int(n), int(k)) for n, k in zip(rated, missed, strict=True)], design_effect=effects.tolist())
        for rated, missed, effects in drawn
    ]


def word(verdict: ChangeVerdict) -> str:
    return verdict.shape if verdict.answer == "found" else verdict.answer
