"""The p' chart and the funnel: reference figures, laws, and how often they raise a false alarm."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from scipy.stats.mstats import winsorize

from queries.measures.control_chart import control_chart
from queries.measures.funnel import funnel

WEEKS = [
    (75, 8),
    (80, 12),
    (66, 9),
    (90, 11),
    (71, 7),
    (83, 10),
    (79, 9),
    (68, 12),
    (77, 9),
    (85, 10),
    (74, 8),
    (81, 9),
]


def test_limits_by_laneys_formula_in_numpy() -> None:
    n, k = np.array(WEEKS, dtype=float).T
    centre = k.sum() / n.sum()
    error = np.sqrt(centre * (1 - centre) / n)
    z = (k / n - centre) / error
    sigma_z = max(1.0, np.abs(np.diff(z)).mean() / 1.128)
    chart = control_chart(WEEKS)
    assert chart.centre == pytest.approx(centre, rel=1e-14)
    assert chart.sigma_z == pytest.approx(sigma_z, rel=1e-12)
    for point, e in zip(chart.points, error, strict=True):
        assert point is not None
        assert point.low == pytest.approx(max(0.0, centre - 3 * e * sigma_z), rel=1e-12)
        assert point.high == pytest.approx(centre + 3 * e * sigma_z, rel=1e-12)


def test_a_swing_beyond_chance_widens_the_limits() -> None:
    steady = control_chart([(400, 40)] * 20)
    swinging = control_chart([(400, 20 if week % 2 else 60) for week in range(20)])
    assert steady.sigma_z == 1.0
    assert swinging.sigma_z is not None
    assert swinging.sigma_z > 4
    assert not [point for point in swinging.points if point and point.outside]


def test_a_point_far_out_is_a_signal() -> None:
    chart = control_chart([*[(100, 8 + 7 * (week % 2)) for week in range(15)], (100, 40)])
    assert chart.signals == (15,)


def test_eight_in_a_row_are_a_signal_and_seven_are_not() -> None:
    low, high = (100, 9), (100, 13)
    assert control_chart([low] * 8 + [high] * 8).signals == tuple(range(16))
    assert control_chart([low, high] * 3 + [low] * 7 + [high, low] * 3).signals == ()


def test_gaps_stay_gaps_and_few_points_have_no_verdict() -> None:
    chart = control_chart([(100, 10), None, (0, 0), (100, 90)])
    assert [point is None for point in chart.points] == [False, True, True, False]
    assert not chart.has_verdict
    assert chart.signals == ()
    assert control_chart([]).centre is None
    assert control_chart([(10, 0)] * 14).signals == ()


def even(rng: random.Random, weeks: int, bookings: int, rate: float) -> list[tuple[int, int]]:
    return [(n := bookings + rng.randint(-5, 5), sum(rng.random() < rate for _ in range(n))) for _ in range(weeks)]


def test_how_often_the_chart_raises_a_false_alarm() -> None:
    """As the method section says: one chart in five."""
    rng = random.Random(20)
    years = [even(rng, 52, 75, 0.13) for _ in range(400)]
    signals = sum(bool(control_chart(year).signals) for year in years) / 400
    assert 0.12 <= signals <= 0.28


def test_the_funnel_by_spiegelhalters_formula_in_numpy() -> None:
    rng = random.Random(2)
    sizes = [rng.randint(50, 500) for _ in range(21)]
    shares = [0.05 if number % 3 else 0.4 for number in range(21)]
    groups = [(n, sum(rng.random() < share for _ in range(n))) for n, share in zip(sizes, shares, strict=True)]
    plot = funnel(groups)
    assert plot is not None
    n, k = np.array(groups, dtype=float).T
    centre = k.sum() / n.sum()
    z = (k / n - centre) / np.sqrt(centre * (1 - centre) / n)
    phi = float((np.asarray(winsorize(np.sort(z), limits=(2 / 21, 2 / 21))) ** 2).mean())
    assert plot.centre == pytest.approx(centre)
    assert plot.phi == pytest.approx(phi)
    assert plot.phi > 2
    low, high = plot.limits(5000, 1.96)
    assert (high - low) / 2 == pytest.approx(1.96 * math.sqrt(phi * centre * (1 - centre) / 5000))


def test_the_funnel_is_not_widened_without_need() -> None:
    plot = funnel([(100, 10), (200, 21), (400, 39), (90, 9)])
    assert plot is not None
    assert plot.phi == 1.0
    widened = funnel([(100, 10), (200, 21), (400, 39), (90, 9)], [4.0, 4.0, 4.0, 1.0])
    assert widened is not None
    (low, high), (low_widened, high_widened) = (each.limits(1000, 1.96) for each in (plot, widened))
    assert high_widened - low_widened == pytest.approx(2 * (high - low))


def test_a_funnel_takes_three_groups_and_some_of_each_outcome() -> None:
    assert funnel([(100, 10), (200, 20)]) is None
    assert funnel([(100, 0), (200, 0), (50, 0)]) is None
    assert funnel([]) is None
