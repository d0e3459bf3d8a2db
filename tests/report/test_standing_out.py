"""Groups that stand out in a few histories of known truth: `tests/stress/test_standing_out.py` has more of them."""

from __future__ import annotations

import datetime as dt

import pytest
from support.regulars import Scene
from support.standing_out import MONDAY, kind_of, standing_out


def test_further_looks_find_nothing_where_regulars_come_and_go_and_sessions_differ() -> None:
    found = [standing_out(Scene(1.2, 0.5, leaving=0.02), seed) for seed in range(5)]
    assert [kind_of(group) for each in found for group in each.found if kind_of(group) != "whole time"] == []
    assert [each.since for each in found if each.since] == []


def test_a_series_that_became_worse_is_dated_and_one_that_always_was_is_not() -> None:
    worse = [standing_out(Scene(added={5: 0.24}, since=26), seed) for seed in range(3)]
    dated = [each.since for each in worse if each.found and each.found[0].key == "series 5" and each.since]
    assert len(dated) >= 2
    assert all(abs(since - MONDAY - dt.timedelta(weeks=26)) <= dt.timedelta(weeks=4) for since in dated)
    always = [standing_out(Scene(added={5: 0.24}, leaving=0.02), seed) for seed in range(3)]
    assert [each.found[0].key for each in always] == ["series 5"] * 3
    assert [each.since for each in always if each.since] == []


@pytest.mark.parametrize(("worse", "family", "seed"), [((9, 21, 33), "daypart", 3), ((5,), "series", 6)])
def test_a_rise_is_dated_by_regulars_who_stayed_and_not_by_others_who_came(
    worse: tuple[int, ...], family: str, seed: int
) -> None:
    """Others with habits of their own can make a rate rise by themselves."""
    scene = Scene(0.7, added=dict.fromkeys(worse, 0.12 if family == "daypart" else 0.2), since=26)
    stayed, others = (standing_out(scene, seed, others_after) for others_after in (False, True))
    assert stayed.found[0].family == others.found[0].family == family
    assert stayed.since is not None
    assert others.since is None
