"""Groups that stand out in any look of a report, over known truths: `pytest tests/stress/test_standing_out.py -s`.

500 histories of each truth, through the functions of the product. The lines that it prints are the table of the section
"Further looks" in `tests/bench/RESULTS-truth.md`.
"""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest
from support.regulars import Scene
from support.standing_out import MONDAY, kind_of, standing_out

from reports.sections.where.standouts import Standouts

SAMPLES, FIRST_SEED = 500, 40_000
LOOKS = ("whole time", "last 26 weeks", "daypart")
# Scene, and the most histories in which a group may stand out. Leavers: 5.9 % of 900 histories, 6.4 % of these 500.
NULLS = {
    "independent": (Scene(), 0.06),
    "habits, sd 0.7": (Scene(0.7), 0.06),
    "habits, sd 1.2": (Scene(1.2), 0.06),
    "session shocks, sd 0.5": (Scene(of_sessions=0.5), 0.06),
    "habits, sd 0.7, 2 % leave each week": (Scene(0.7, leaving=0.02), 0.07),
}
# A scene in which series 5 is worse, the least share of histories in which it stands out, in which it is dated, and of
# the dates that lie within four weeks of the true one.
PLANTED = {
    "a series +12 points all year": (Scene(added={5: 0.12}), 0.9, 0.0, 0.0),
    "a series +18 points all year, habits, sd 0.7, 2 % leave": (
        Scene(0.7, added={5: 0.18}, leaving=0.02),
        0.7,
        0.0,
        0.0,
    ),
    "a series +12 points for the last half": (Scene(added={5: 0.12}, since=26), 0.6, 0.2, 0.5),
    "a series +24 points for the last half": (Scene(added={5: 0.24}, since=26), 0.9, 0.7, 0.75),
    "a series +24 points for the last half, habits, sd 0.7": (Scene(0.7, added={5: 0.24}, since=26), 0.6, 0.5, 0.75),
}


@cache
def found_in(scene: str) -> list[Standouts]:
    made = (NULLS | PLANTED)[scene][0]
    return [standing_out(made, FIRST_SEED + sample) for sample in range(SAMPLES)]


def share(times: int) -> float:
    return times / SAMPLES


@pytest.mark.parametrize("name", NULLS)
def test_few_histories_without_a_difference_have_a_group_that_stands_out(name: str) -> None:
    found = found_in(name)
    by_look = [share(sum(look in map(kind_of, each.found) for each in found)) for look in LOOKS]
    anything, dated = share(sum(bool(each.found) for each in found)), share(sum(bool(each.since) for each in found))
    print(f"| {name} | {' | '.join(f'{100 * each:.1f} %' for each in (anything, *by_look, dated))} |")
    assert anything <= NULLS[name][1]
    assert sum(by_look[1:]) <= 0.02


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_series_is_found_and_dated_only_if_it_became_worse(name: str) -> None:
    scene, least, least_dated, least_near = PLANTED[name]
    series = [(each, each.found[0]) for each in found_in(name) if each.found and each.found[0].key == "series 5"]
    start = MONDAY + dt.timedelta(weeks=scene.since)
    dated = [each.since for each, _ in series if each.since]
    near = [since for since in dated if abs(since - start) <= dt.timedelta(weeks=4)]
    lately = share(sum(group.lately for _, group in series))
    shares = (share(len(series)), lately, share(len(dated)), share(len(near)))
    print(f"| {name} | {' | '.join(f'{100 * each:.1f} %' for each in shares)} |")
    assert share(len(series)) >= least
    assert least_dated <= share(len(dated)) <= (1 if scene.since else 0.05)
    assert len(near) >= least_near * len(dated)
