"""Judge chances of no-shows that were given beforehand, against the rates of groups. Pure.

Bookings of one session or contact are alike, so the intervals of differences are taken over clusters of both (Cameron,
Gelbach and Miller 2011, Journal of Business & Economic Statistics 29:238).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queries.measures.rates import Z95

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

# The calibration slope that a licence needs: with 1 risks are as far apart as the outcomes are.
SLOPES = (0.8, 1.2)
FEWEST_BOOKINGS, FEWEST_NO_SHOWS = 200, 20
_BINS = 10
# A chance of 0 or 1 that fails would cost an infinite loss.
_NEAREST = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """Bookings whose outcome was not known when their chances were given.

    `missed` is 1 for a no-show, `risk` the model's chance and `rate` that of the booking's group; `session` and
    `contact` number the clusters, a booking without a contact being one of its own.
    """

    missed: Floats
    weight: Floats
    risk: Floats
    rate: Floats
    session: Codes
    contact: Codes


@dataclass(frozen=True, slots=True)
class Gain:
    """By how much the mean loss of the model is lower than that of the rates, with its 95 % interval."""

    model: float
    rates: float
    low: float
    high: float

    @property
    def mean(self) -> float:
        """The gain; above 0 the model is better."""
        return self.rates - self.model


@dataclass(frozen=True, slots=True)
class Bin:
    """A tenth of the bookings in the order of their risks: the number, the mean risk, and the no-shows among them."""

    bookings: int
    risk: float
    no_shows: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of a model. `slope` and `intercept` are None if all or none were missed."""

    bookings: int
    no_shows: int
    log_loss: Gain
    brier: Gain
    slope: float | None
    intercept: float | None
    curve: tuple[Bin, ...]

    @property
    def is_enough(self) -> bool:
        """Whether there are enough outcomes to judge by."""
        return self.bookings >= FEWEST_BOOKINGS and self.no_shows >= FEWEST_NO_SHOWS

    @property
    def is_calibrated(self) -> bool:
        """Whether the slope allows a licence."""
        return self.slope is not None and SLOPES[0] <= self.slope <= SLOPES[1]

    @property
    def is_licensed(self) -> bool:
        """Whether the model may rank bookings: better beyond doubt, and calibrated."""
        return self.is_enough and self.log_loss.low > 0 and self.is_calibrated


def verdict(judged: Judged) -> Verdict:
    """Judge the chances of at least one booking."""
    slope, intercept = calibration(judged)
    return Verdict(
        bookings=int(judged.weight.sum()),
        no_shows=int((judged.weight * judged.missed).sum()),
        log_loss=gain(judged, log_losses),
        brier=gain(judged, lambda missed, chance: (missed - chance) ** 2),
        slope=slope,
        intercept=intercept,
        curve=curve(judged),
    )


def log_losses(missed: Floats, chance: Floats) -> Floats:
    """The negative logarithm of the chance that was given to the outcome, in nats."""
    near = np.clip(chance, _NEAREST, 1 - _NEAREST)
    losses: Floats = -np.log(np.where(missed > 0, near, 1 - near))
    return losses


def gain(judged: Judged, losses: object) -> Gain:
    """The difference of the mean losses of the model and of the rates."""
    assert callable(losses)
    of_model, of_rates = (losses(judged.missed, chance) for chance in (judged.risk, judged.rate))
    total = judged.weight.sum()
    model, rates = (float((judged.weight * each).sum() / total) for each in (of_model, of_rates))
    spread = judged.weight * (of_rates - of_model - (rates - model)) / total
    error = clustered_error(spread, judged.session, judged.contact)
    return Gain(model, rates, rates - model - Z95 * error, rates - model + Z95 * error)


def clustered_error(spread: Floats, session: Codes, contact: Codes) -> float:
    """The standard error of a sum of deviations that are alike within sessions and within contacts.

    The variance within sessions plus that within contacts, less that within both at once; at least the largest of them.
    """
    both = np.unique(np.stack([session, contact]), axis=1, return_inverse=True)[1].ravel()
    by_session, by_contact, by_both = (_within(spread, codes) for codes in (session, contact, both))
    return math.sqrt(max(by_session, by_contact, by_session + by_contact - by_both))


def _within(spread: Floats, codes: Codes) -> float:
    number = len(np.unique(codes))
    if number < 2:
        return math.inf
    return float((np.bincount(codes, spread) ** 2).sum() * number / (number - 1))


def calibration(judged: Judged) -> tuple[float | None, float | None]:
    """Slope and intercept of a logistic regression of the outcome on the log odds of the risk (Cox 1958).

    A slope below 1 says that the risks are too far apart. None if there is none: all or none were missed, all risks are
    the same, or some risk divides the missed from the others, so that no slope is too steep.
    """
    near = np.clip(judged.risk, _NEAREST, 1 - _NEAREST)
    odds = np.log(near / (1 - near))
    if np.ptp(odds) < _NEAREST or _is_divided(odds, judged.missed > 0):
        return None, None
    rows = np.stack([odds, np.ones_like(odds)])
    at = np.array([1.0, 0.0])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-(at @ rows)))
        information = (rows * (judged.weight * chance * (1 - chance))) @ rows.T
        step = np.linalg.solve(information, rows @ (judged.weight * (judged.missed - chance)))
        at = at + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return float(at[0]), float(at[1])


def _is_divided(odds: Floats, missed: npt.NDArray[np.bool_]) -> bool:
    """Whether no odds of a missed booking are between those of the others; so it is if all or none were missed."""
    of_missed, of_others = odds[missed], odds[~missed]
    if not len(of_missed) or not len(of_others):
        return True
    return bool(of_missed.min() >= of_others.max() or of_missed.max() <= of_others.min())


def curve(judged: Judged) -> tuple[Bin, ...]:
    """The calibration curve: tenths of the bookings by risk; equal risks stay together."""
    order = np.argsort(judged.risk, kind="stable")
    risks = judged.risk[order]
    ends = [
        int(np.searchsorted(risks, risks[round(len(risks) * at / _BINS) - 1], "right")) for at in range(1, _BINS + 1)
    ]
    starts = [0, *ends[:-1]]
    return tuple(_bin(judged, order[first:last]) for first, last in zip(starts, ends, strict=True) if last > first)


def _bin(judged: Judged, rows: Codes) -> Bin:
    weight = judged.weight[rows]
    return Bin(
        int(weight.sum()),
        float((weight * judged.risk[rows]).sum() / weight.sum()),
        int((weight * judged.missed[rows]).sum()),
    )


def together(parts: Sequence[Judged]) -> Judged:
    """The bookings of several later parts as one."""
    return Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in Judged.__slots__))
