"""Laney's p' chart over counts by period, with its limits and signals. Pure.

Formula: Laney 2002, Quality Engineering 14:531. The usual p chart takes bookings as independent, and so raises false
alarms in a busy business, whose weeks differ by more than that: sigma_z measures by how much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

FEWEST_POINTS = 12
SIGMAS = 3.0
RUN = 8
# The mean moving range of two normal values, in standard deviations.
_D2 = 1.128


@dataclass(frozen=True, slots=True)
class Point:
    """A period: its counts, its rate with the limits around the centre, and whether it is a signal by itself.

    `side` is 1 above the centre, -1 below, 0 on it; `in_run` says that it belongs to eight or more in a row on a side.
    """

    marked: int
    no_shows: int
    rate: float
    low: float
    high: float
    side: int
    outside: bool
    in_run: bool


@dataclass(frozen=True, slots=True)
class ControlChart:
    """Points in their order; None stands for a period with nothing marked. Without a verdict it is a run chart."""

    points: tuple[Point | None, ...]
    centre: float | None
    sigma_z: float | None
    has_verdict: bool

    @property
    def signals(self) -> tuple[int, ...]:
        """Positions of points outside the limits or in a run; none without a verdict."""
        if not self.has_verdict:
            return ()
        return tuple(at for at, point in enumerate(self.points) if point and (point.outside or point.in_run))


def control_chart(
    periods: Sequence[tuple[int, int] | None], sigmas: float = SIGMAS, design_effects: Sequence[float] | None = None
) -> ControlChart:
    """The p' chart over (marked, no-shows) of periods in order; None, or nothing marked, is a gap.

    z = (rate - centre) / sqrt(centre (1 - centre) D / n) with the design effect D of each period (1 if none are given);
    sigma_z = mean moving range of z / 1.128, at least 1, since a chart must not be stricter than chance; limits centre
    ± sigmas * sigma_z * standard error, within 0 and 1. At a centre of 0.10 a week of 100 marked has a standard error
    of 0.03; with sigma_z 1.2 its limits are 0 and 0.208.
    Under twelve points there is no verdict.
    """
    effects = design_effects or [1.0] * len(periods)
    known = [(*period, effect) for period, effect in zip(periods, effects, strict=True) if period and period[0]]
    marked = sum(n for n, _, _ in known)
    if not marked:
        return ControlChart((None,) * len(periods), None, None, False)
    centre = sum(k for _, k, _ in known) / marked
    errors = [math.sqrt(centre * (1 - centre) * effect / n) for n, _, effect in known]
    scores = [(k / n - centre) / error if error else 0.0 for (n, k, _), error in zip(known, errors, strict=True)]
    sigma_z = swing([scores])
    verdict = len(known) >= FEWEST_POINTS
    in_runs = _in_runs([_side(k / n, centre) for n, k, _ in known])
    drawn = iter(
        _point(n, k, centre, sigmas * sigma_z * error, in_run)
        for (n, k, _), error, in_run in zip(known, errors, in_runs, strict=True)
    )
    points = tuple(next(drawn) if period and period[0] else None for period in periods)
    return ControlChart(points, centre, sigma_z, verdict)


def swing(series: Sequence[Sequence[float]]) -> float:
    """How much more periods swing than single bookings would explain: mean moving range of z / 1.128, at least 1."""
    ranges = [abs(after - before) for scores in series for before, after in pairwise(scores)]
    return max(1.0, sum(ranges) / len(ranges) / _D2) if ranges else 1.0


def _point(n: int, k: int, centre: float, width: float, in_run: bool) -> Point:
    low, high = max(0.0, centre - width), min(1.0, centre + width)
    rate = k / n
    return Point(n, k, rate, low, high, _side(rate, centre), not low <= rate <= high, in_run)


def _side(rate: float, centre: float) -> int:
    return (rate > centre) - (rate < centre)


def _in_runs(sides: Sequence[int]) -> list[bool]:
    """For each point whether it is in a run of eight on one side; points on the centre neither make nor break one."""
    found = [False] * len(sides)
    run: list[int] = []
    for at, side in enumerate(sides):
        if side == 0:
            continue
        run = [*run, at] if run and sides[run[-1]] == side else [at]
        if len(run) >= RUN:
            for member in run:
                found[member] = True
    return found
