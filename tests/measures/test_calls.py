"""Whether calls helped: the groups compared, when an effect is claimed, and how many more bookings are needed."""

from __future__ import annotations

import math
from typing import Any

import pytest
from support.simulated_calls import judged

from queries.measures.calls import CallsEffect, effect_of_calls
from queries.measures.clustering import INDEPENDENT, Clustering
from queries.measures.comparison import newcombe, student_quantile


def stratum(called: tuple[int, int], held_back: tuple[int, int], share: float = 0.5, **changes: int) -> dict[str, Any]:
    """Numbers and no-shows of both arms; every booking is of a contact and a session of its own."""
    sums = {f"{of}_squares_{side}": n for of in ("contact", "session") for side, n in _sides(called, held_back)}
    return {
        "hold_back": share,
        "listed_to_call": called[0],
        "listed_held_back": held_back[0],
        **dict.fromkeys(("reported", "reached", "called_all_the_same", "not_due"), 0),
        "called": called[0],
        "called_missed": called[1],
        "held_back": held_back[0],
        "held_back_missed": held_back[1],
        "contact_products": 0,
        "session_products": 0,
        **sums,
    } | changes


def _sides(called: tuple[int, int], held_back: tuple[int, int]) -> list[tuple[str, int]]:
    return [("before", held_back[0]), ("after", called[0])]


def effect(*strata: dict[str, Any], clustering: Clustering = INDEPENDENT) -> CallsEffect:
    return effect_of_calls(strata, clustering)


def test_calls_that_helped() -> None:
    found = effect(stratum((500, 50), (500, 90), reported=400, reached=250))
    assert found.answer == "helped"
    # 998 degrees of freedom: every booking is of a contact of its own.
    assert found.difference == newcombe(50, 500, 90, 500, student_quantile(998))
    assert found.difference is not None
    assert found.calls_per_no_show_saved == pytest.approx(1 / 0.08)
    fewest, most = found.calls_per_no_show_saved_range or (0, 0)
    assert fewest < 12.5 < most
    assert (fewest, most) == (-1 / found.difference.low, -1 / found.difference.high)
    assert (found.reported, found.reached) == (400, 250)


def test_calls_that_harmed_save_nothing() -> None:
    found = effect(stratum((500, 90), (500, 50)))
    assert found.answer == "harmed"
    assert found.calls_per_no_show_saved is None
    assert found.calls_per_no_show_saved_range is None


def test_people_and_sessions_that_are_alike_widen_the_interval() -> None:
    """10 bookings of each contact at a correlation of 0.5 make a design effect of 5.5; shared sessions cost nothing."""
    numbers = (500, 50), (500, 90)
    contacts = {"contact_squares_before": 5_000, "contact_squares_after": 5_000}
    shared = {"session_squares_before": 5_000, "session_squares_after": 5_000, "session_products": 5_000}
    alike = Clustering(contact=0.5, session=0.5)
    found = effect(stratum(*numbers, **contacts, **shared), clustering=alike)
    # Fifty contacts in each arm.
    assert found.difference == newcombe(50 / 5.5, 500 / 5.5, 90 / 5.5, 500 / 5.5, student_quantile(98))
    assert found.answer == "too few"
    assert effect(stratum(*numbers, **shared), clustering=alike).answer == "helped"


def test_few_people_widen_the_interval() -> None:
    """Ten in the smaller arm, or one: as many bookings of theirs say less than those of as many people."""
    widths = []
    for people in (500, 50, 10, 2, 1):
        squares = {"contact_squares_before": 500**2 // people}
        found = effect(stratum((500, 50), (500, 90), **squares)).difference
        assert found is not None
        assert -1 <= found.low < found.high <= 1
        widths.append(found.high - found.low)
    assert widths == sorted(widths)
    assert widths[-1] > 2 * widths[0]
    # The freedom of an arm of ten contacts and one of many, by Welch: (1 + 1)² / (1 / 9 + 1 / 499).
    ten = effect(stratum((500, 50), (500, 90), contact_squares_before=25_000)).difference
    assert ten == newcombe(50, 500, 90, 500, student_quantile(4 / (1 / 9 + 1 / 499)))


def test_a_share_that_changes_is_no_effect() -> None:
    """Half held back while 30 % missed, then a tenth while 10 % did: the arms differ, and the calls do nothing."""
    found = effect(stratum((300, 90), (300, 90)), stratum((900, 90), (100, 10), share=0.1))
    assert found.called.rate == pytest.approx(0.15)
    assert found.held_back.rate == pytest.approx(0.25)
    assert found.difference is not None
    assert found.difference.difference == pytest.approx(0)
    assert found.answer != "helped"


def test_bookings_that_nobody_drew_for_are_not_compared() -> None:
    drawn = stratum((500, 50), (500, 90))
    found = effect(stratum((1_000, 900), (0, 0), share=0.0), drawn)
    assert (found.listed, found.outside) == (2_000, 1_000)
    assert found.difference == effect(drawn).difference
    alone = effect(stratum((1_000, 900), (0, 0), share=0.0))
    assert (alone.answer, alone.difference, alone.more_needed) == ("not tested", None, None)
    assert effect().answer == "not tested"


def test_after_too_few_it_is_said_how_many_more() -> None:
    found = effect(stratum((50, 8), (50, 12)))
    assert found.answer == "too few"
    # A third of 20 %, between two halves: n = 4 (1.96 + 0.84)² p (1 - p) / d².
    assert found.more_needed == math.ceil(4 * 2.8016**2 * 0.2 * 0.8 * 9 / 0.2**2) - 100
    enough = effect(stratum((600, 118), (600, 122)))
    assert (enough.answer, enough.more_needed) == ("not found", 0)


@pytest.mark.parametrize("numbers", [((50, 0), (50, 0)), ((5, 5), (5, 5)), ((0, 0), (0, 0)), ((9, 1), (0, 0))])
def test_without_both_rates_nothing_is_said(numbers: tuple[tuple[int, int], tuple[int, int]]) -> None:
    found = effect(stratum(*numbers))
    assert found.answer == "too few"
    assert found.calls_per_no_show_saved is None


def test_intervals_hold_an_effect_over_people_and_sessions_that_differ() -> None:
    """4,000 trials of more businesses are in tests/stress; a coverage of 95 % is here within 91.3 and 98.7 %."""
    planted, none = judged(-0.064, range(200)), judged(0.0, range(200))
    assert 0.91 <= planted.covered <= 0.99
    assert 0.91 <= none.covered <= 0.99
    assert none.claimed <= 0.09 < 0.5 < planted.claimed
    assert abs(planted.error) < 0.01
