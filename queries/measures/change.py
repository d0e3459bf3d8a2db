"""Find the period since which a rate clearly differs from before, from counts by period. Pure.

Every split of the series is tried, so the limits are widened for the number of splits (Bonferroni), and for the
series' own swing (sigma_z of the p' chart within the two parts).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from queries.measures.comparison import Difference, newcombe, normal_quantile, normal_tail
from queries.measures.control_chart import FEWEST_POINTS, swing

Counts = tuple[int, int]
_LEVEL = 0.05
# Fewer periods on one side of a split are too few to show a rate of their own.
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Change:
    """A change: the position of the first period after it, the counts before and since, and their difference."""

    at: int
    before: Counts
    since: Counts
    difference: Difference


def change_in(periods: Sequence[Counts], looks: int = 1, rises_only: bool = False) -> Change | None:
    """The clearest split of (marked, no-shows) by period, if it is clearer than chance would ever make it.

    `looks` is the number of series examined in all: the chance that any of them shows a change although there is none
    stays under 5 %. `rises_only` looks for rates that rose and no others, and so takes a little less evidence.
    None if fewer than twelve periods have marked bookings, or nothing is clear.
    """
    places = range(_SHORTEST, len(periods) - _SHORTEST + 1)
    if sum(n > 0 for n, _ in periods) < FEWEST_POINTS or not places:
        return None
    sides = 1 if rises_only else 2
    scores = {at: _score(_sum(periods[:at]), _sum(periods[at:])) for at in places}
    at = max(places, key=lambda place: scores[place] if rises_only else abs(scores[place]))
    before, since = _sum(periods[:at]), _sum(periods[at:])
    width = swing([_scores(periods[:at]), _scores(periods[at:])])
    score = (scores[at] if rises_only else abs(scores[at])) / width
    # Bonferroni: one test for each tail, split and series, such as 2 tails * 21 splits of 26 weeks * 1 series = 42.
    if sides * normal_tail(score) * len(places) * looks > _LEVEL:
        return None
    z = normal_quantile(_LEVEL / sides / (len(places) * looks)) * width
    difference = newcombe(since[1], since[0], before[1], before[0], z)
    return Change(at, before, since, difference) if difference and difference.is_clear else None


def _sum(periods: Sequence[Counts]) -> Counts:
    return sum(n for n, _ in periods), sum(k for _, k in periods)


def _score(before: Counts, since: Counts) -> float:
    n, k = before[0] + since[0], before[1] + since[1]
    if not before[0] or not since[0] or not 0 < k < n:
        return 0.0
    spread = math.sqrt(k / n * (1 - k / n) * (1 / before[0] + 1 / since[0]))
    return (since[1] / since[0] - before[1] / before[0]) / spread


def _scores(part: Sequence[Counts]) -> list[float]:
    """The z-score of each period against the rate of its part."""
    n, k = _sum(part)
    if not 0 < k < n:
        return []
    rate = k / n
    return [(b / a - rate) / math.sqrt(rate * (1 - rate) / a) for a, b in part if a]
