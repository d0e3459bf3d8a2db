"""Histories without a difference are rarely said to have one, intervals hold, and planted differences are found.

500 histories a scene, through the functions of the product. The figures are kept in tests/bench/RESULTS-truth.md.
"""

from __future__ import annotations

from functools import cache

import pytest
from support.regulars import BASE, LOCATIONS, SERIES, Scene, Told, told_of

SAMPLES, FIRST_SEED = 500, 20_000
NULLS = {
    "independent": Scene(),
    "habits, sd 0.7": Scene(0.7),
    "habits, sd 1.2": Scene(1.2),
    "habits, sd 2.0": Scene(2.0),
    "session shocks, sd 0.5": Scene(0.0, 0.5),
    "habits, sd 0.7, and session shocks, sd 0.5": Scene(0.7, 0.5),
}
# Scene, the group that is worse, and the least share of histories in which it is to be flagged.
PLANTED = {
    "a location +3 points": (Scene(added=dict.fromkeys(range(0, SERIES, LOCATIONS), 0.03)), "location 0", 0.8),
    "a series +6 points": (Scene(added={5: 0.06}), "series 5", 0.4),
    "a series +12 points": (Scene(added={5: 0.12}), "series 5", 0.9),
    "a series +18 points, habits, sd 0.7": (Scene(0.7, added={5: 0.18}), "series 5", 0.7),
}


@cache
def told(name: str) -> list[Told]:
    return [told_of(NULLS[name], FIRST_SEED + sample) for sample in range(SAMPLES)]


@pytest.mark.parametrize("name", NULLS)
def test_the_interval_holds_in_95_histories_of_100(name: str) -> None:
    covered = sum(each.low <= BASE <= each.high for each in told(name)) / SAMPLES
    print(f"{name}: coverage {covered:.3f}")
    assert 0.925 <= covered <= 0.97


@pytest.mark.parametrize("name", NULLS)
def test_few_histories_without_a_difference_have_a_flag(name: str) -> None:
    flagged = sum(bool(each.flagged) for each in told(name)) / SAMPLES
    print(f"{name}: flagged {flagged:.3f}")
    assert flagged <= 0.06


def test_over_all_scenes_at_most_one_history_of_twenty_has_a_flag() -> None:
    assert sum(bool(each.flagged) for name in NULLS for each in told(name)) <= 0.05 * SAMPLES * len(NULLS)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_found(name: str) -> None:
    scene, group, least = PLANTED[name]
    found = sum(group in told_of(scene, FIRST_SEED + sample).flagged for sample in range(SAMPLES)) / SAMPLES
    print(f"{name}: found {found:.3f}")
    assert found >= least
