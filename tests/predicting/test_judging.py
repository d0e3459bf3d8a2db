"""Losses, their intervals over clusters, calibration, and the licence."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, log_loss

from pipeline.predicting.judging import Judged, calibration, clustered_error, curve, verdict


def judged(n: int = 2_000, seed: int = 1, sharpness: float = 1.0) -> Judged:
    """Chances that are right, with `sharpness` times their spread; the rates know nothing of them."""
    rng = np.random.default_rng(seed)
    odds = -2 + rng.standard_normal(n)
    missed = (rng.random(n) < 1 / (1 + np.exp(-odds))).astype(float)
    risk = 1 / (1 + np.exp(-(-2 + sharpness * (odds + 2))))
    rate = np.full(n, missed.mean())
    return Judged(missed, np.ones(n), risk, rate, np.arange(n) // 8, np.arange(n) % 300)


def test_losses_are_those_of_scikit_learn() -> None:
    rows = judged()
    found = verdict(rows)
    assert found.log_loss.model == pytest.approx(log_loss(rows.missed, rows.risk))
    assert found.log_loss.rates == pytest.approx(log_loss(rows.missed, rows.rate))
    assert found.brier.model == pytest.approx(brier_score_loss(rows.missed, rows.risk))
    assert found.log_loss.low < found.log_loss.mean < found.log_loss.high


def test_the_slope_is_that_of_a_regression_without_a_penalty() -> None:
    rows = judged(sharpness=2.0)
    odds = np.log(rows.risk / (1 - rows.risk))
    theirs = LogisticRegression(C=np.inf, tol=1e-10, solver="newton-cholesky").fit(odds[:, None], rows.missed)
    slope, intercept = calibration(rows)
    assert slope == pytest.approx(theirs.coef_[0][0], abs=1e-4)
    assert intercept == pytest.approx(theirs.intercept_[0], abs=1e-4)
    assert slope == pytest.approx(0.5, abs=0.08)


def test_bookings_that_miss_together_count_as_one() -> None:
    """Each booking four times in one session: as sure as without the copies, not twice as sure."""
    spread = np.random.default_rng(2).standard_normal(400)
    alone = np.arange(400)
    plain = clustered_error(spread / 400, alone, alone)
    assert plain == pytest.approx(math.sqrt((spread**2).sum() / 400 / 399), rel=1e-9)
    copies = np.repeat(spread, 4) / 1_600
    of_one_session = clustered_error(copies, np.repeat(alone, 4), np.arange(1_600))
    of_one_contact = clustered_error(copies, np.arange(1_600), np.repeat(alone, 4))
    assert of_one_session == pytest.approx(plain) == of_one_contact
    assert clustered_error(copies, np.arange(1_600), np.arange(1_600)) == pytest.approx(plain / 2, rel=0.01)


def test_a_weight_stands_for_so_many_bookings() -> None:
    rows = judged(500)
    twice = verdict(replace(rows, weight=np.full(500, 2.0)))
    assert twice.bookings == 1_000
    assert twice.log_loss.model == pytest.approx(verdict(rows).log_loss.model)
    assert twice.slope == pytest.approx(verdict(rows).slope)


@pytest.mark.parametrize(
    ("rows", "is_licensed"),
    [
        (judged(), True),
        (judged(sharpness=2.0), False),
        (judged(sharpness=0.5), False),
        (judged(150), False),
        (replace(judged(), risk=judged().rate), False),
        (replace(judged(), risk=1 - judged().risk), False),
        (replace(judged(), missed=np.zeros(2_000)), False),
    ],
    ids=["right", "too far apart", "too near", "too few", "the same rates", "the wrong way", "nobody missed"],
)
def test_a_licence_needs_a_gain_beyond_doubt_and_calibrated_risks(rows: Judged, is_licensed: bool) -> None:
    assert verdict(rows).is_licensed == is_licensed


def test_the_curve_has_every_booking_once_and_equal_risks_together() -> None:
    rows = judged()
    tenths = curve(rows)
    assert len(tenths) == 10
    assert sum(each.bookings for each in tenths) == 2_000
    assert sum(each.no_shows for each in tenths) == rows.missed.sum()
    assert [each.risk for each in tenths] == sorted(each.risk for each in tenths)
    (one,) = curve(replace(rows, risk=rows.rate))
    assert one.bookings == 2_000


@pytest.mark.parametrize("risk", [(0.0, 1.0), (0.1, 0.9), (0.9, 0.1), (0.2, 0.2)])
@pytest.mark.parametrize("missed", [1, 150, 299])
def test_risks_that_divide_the_outcomes_have_no_slope(missed: int, risk: tuple[float, float]) -> None:
    """Any slope could be steeper: at the last step a singular matrix would be left, or whatever number came before."""
    outcomes = (np.arange(300) < missed).astype(float)
    rows = replace(judged(300), missed=outcomes, risk=np.where(outcomes > 0, *reversed(risk)))
    assert calibration(rows) == (None, None)
    assert not verdict(rows).is_calibrated


def test_risks_that_nearly_divide_the_outcomes_have_a_steep_slope() -> None:
    outcomes = (np.arange(300) < 150).astype(float)
    risk = np.where(outcomes > 0, 0.9, 0.1)
    risk[149:151] = risk[[150, 149]]
    slope, _ = calibration(replace(judged(300), missed=outcomes, risk=risk))
    assert slope == pytest.approx(math.log(149) / math.log(9))
