"""Design effects of two periods: by hand, and against a simulation's own count of every contact."""

from __future__ import annotations

import numpy as np
import pytest
from support import simulated_periods
from support.people_over_time import WEEKS, clustering_over, people

from queries.measures.between_periods import INDEPENDENT, BetweenPeriods, between_periods, effect_between
from queries.measures.clustering import Clustering
from queries.measures.differences import difference_between, policy_verdict
from queries.model.stretches import SIDES


def sides(*values: int) -> dict[str, int]:
    return dict(zip(SIDES, values, strict=True))


def of_contacts(before: list[int], after: list[int]) -> dict[str, int]:
    b, a = np.array(before), np.array(after)
    return sides(*(int(each.sum()) for each in (b, a, b * b, a * a, b * a)))


def test_regulars_who_stay_do_not_widen_a_difference_and_those_who_change_do() -> None:
    stay = of_contacts([10] * 100, [10] * 100)
    assert effect_between(0.05, stay) == 1.0
    # A hundred people with ten bookings each before, and a hundred others after.
    change = of_contacts([10] * 100 + [0] * 100, [0] * 100 + [10] * 100)
    assert effect_between(0.05, change) == pytest.approx(1 + 0.05 * 9)


def test_with_nothing_on_one_side_the_effect_is_that_of_the_other() -> None:
    assert effect_between(0.05, of_contacts([10] * 100, [0] * 100)) == pytest.approx(1 + 0.05 * 9)
    assert effect_between(0.05, sides(0, 0, 0, 0, 0)) == 1.0


@pytest.mark.parametrize("seed", [1, 2])
def test_the_sums_give_what_a_count_of_every_contact_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before, after = rng.poisson(3, 200), rng.poisson(2, 200) * rng.integers(0, 2, 200)
    theirs = simulated_periods.effect_between(0.1, before.astype(float), after.astype(float))
    assert effect_between(0.1, of_contacts(before.tolist(), after.tolist())) == pytest.approx(theirs, rel=1e-12)
    assert theirs > 1


def test_a_period_is_widened_by_its_own_sessions_and_by_contacts() -> None:
    clustering = Clustering(contact=0.05, session=0.1, session_squares=8000)
    change = of_contacts([10] * 100 + [0] * 100, [0] * 100 + [10] * 100)
    made = between_periods(clustering, 2000, change)
    # Ten sessions of eight: 1 + 0.1 (640 / 80 - 1), beside 0.45 for contacts.
    assert made.of_sessions(80, 640) == pytest.approx(1.7)
    assert made.effect(80, 640) == pytest.approx(2.15)
    # Withheld, or none: that of all bookings.
    assert made.of_sessions(80, None) == made.of_sessions(0, 0) == pytest.approx(1.3)
    assert between_periods(clustering, 2000, None).contacts == 1.0
    assert between_periods(Clustering(), 0, None) == INDEPENDENT


def test_others_see_design_effects_rounded_up_and_no_correlation() -> None:
    assert BetweenPeriods(1.4501, 0.1, 1.3).rounded_up() == BetweenPeriods(1.5, 0.0, 1.3)


# As many samples as show a share roughly; tests/bench/RESULTS-truth.md has those of 500.
SAMPLES = [pytest.param(120, id="120"), pytest.param(500, id="500", marks=pytest.mark.long)]
HALVES = slice(0, WEEKS // 2), slice(WEEKS // 2, WEEKS)


def most_by_chance(samples: int) -> float:
    return 0.05 * samples + 2 * (0.05 * 0.95 * samples) ** 0.5


@pytest.mark.parametrize("samples", SAMPLES)
@pytest.mark.parametrize("leaving", [0.0, 0.1])
def test_people_who_come_and_go_make_no_difference_of_two_periods(leaving: float, samples: int) -> None:
    rng, found, without = np.random.default_rng(3), 0, 0
    for _ in range(samples):
        made = people(rng, 200, 1.2, leaving)
        effect = made.between(*clustering_over(made), *HALVES).contacts
        widened, plain = ([made.rated(weeks, each) for weeks in HALVES] for each in (effect, 1.0))
        found += difference_between(*widened).answer == "found"
        without += difference_between(*plain).answer == "found"
    assert found <= most_by_chance(samples)
    # Without design effects those who come and go do make one, and those who stay do not.
    assert (without > 0.1 * samples) == (leaving > 0)


@pytest.mark.parametrize("samples", SAMPLES)
def test_people_who_come_and_go_make_no_effect_of_a_policy(samples: int) -> None:
    rng, found = np.random.default_rng(4), 0
    for _ in range(samples):
        at = int(rng.integers(8, WEEKS - 8))
        before, after = slice(0, at), slice(at, WEEKS)
        changed, controls = people(rng, 100, 1.2, 0.05), people(rng, 200, 1.2, 0.05)
        alike = clustering_over(changed, controls)
        effects = [each.between(*alike, before, after).contacts for each in (changed, controls)]
        sides = [
            (group.rated(after, effect), group.rated(before, effect))
            for group, effect in zip((changed, controls), effects, strict=True)
        ]
        found += policy_verdict(*sides[0], sides[1]).answer == "found"
    assert found <= most_by_chance(samples)
