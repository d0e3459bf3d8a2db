"""Correlations and design effects: by hand, without bias, and in histories whose regulars have habits."""

from __future__ import annotations

import random
from statistics import mean, stdev

import pytest
from support import oracle
from support.regulars import BASE, Scene, told_of

from queries.measures.clustering import INDEPENDENT, clustering_of, correlations


def clusters_of(contacts: list[list[int]], sessions: list[list[int]]) -> dict[str, int]:
    """The sums over groups of bookings, 1 for a no-show and 0 otherwise; both lists hold the same bookings."""
    sums = {"rated_bookings": sum(map(len, contacts)), "missed_bookings": sum(map(sum, contacts))}
    for of, groups in (("contact", contacts), ("session", sessions)):
        sums[f"{of}_squares"] = sum(len(group) ** 2 for group in groups)
        sums[f"{of}_products"] = sum(len(group) * sum(group) for group in groups)
        sums[f"{of}_missed_squares"] = sum(sum(group) ** 2 for group in groups)
    return sums


def history(rng: random.Random, people: int, times: int, rates: list[float]) -> dict[str, int]:
    """Everybody in every session, each with a rate drawn from those given."""
    contacts = [[int(rng.random() < rate) for _ in range(times)] for rate in (rng.choice(rates) for _ in range(people))]
    return clusters_of(contacts, [list(session) for session in zip(*contacts, strict=True)])


def test_the_design_effect_by_hand() -> None:
    """40 bookings, 5 of each of 8 contacts; two of them miss always, the others never: they are fully alike."""
    contacts = [[1] * 5] * 2 + [[0] * 5] * 6
    sessions = [list(session) for session in zip(*contacts, strict=True)]
    found = clustering_of(clusters_of(contacts, sessions))
    assert found.contact == pytest.approx(1.0)
    assert found.session == 0.0
    assert found.effect(40, 200, 320) == pytest.approx(5.0)
    assert found.whole == found.effect(40, 200, 320)
    assert found.effect(5, 5, 25) == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_the_sums_give_what_pairs_give(seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        {"weight": rng.choice([1, 1, 1, 3]), "participant_id": rng.choice([None, "a", "b", "c"]),
         "session_id": rng.randrange(6), "outcome": rng.choice(["attended", "attended", "not_attended"])}
        for _ in range(40)
    ]  # fmt: skip
    groups = (oracle.in_groups(rows, of) for of in ("contact", "session"))
    found = clustering_of(clusters_of(*groups))
    assert (found.contact, found.session) == pytest.approx(oracle.correlations(rows), abs=1e-12)


@pytest.mark.parametrize(("people", "times"), [(6, 4), (30, 20)])
def test_independent_bookings_show_no_correlation_on_average(people: int, times: int) -> None:
    """Before it is cut off at 0: within three standard errors, for a small business too."""
    rng = random.Random(people)
    found: list[tuple[float | None, float | None]] = []
    for _ in range(300):
        sums = history(rng, people, times, [0.3])
        found.append(correlations(sums))
    for rhos in zip(*found, strict=True):
        known = [rho for rho in rhos if rho is not None]
        assert abs(mean(known)) < 3 * stdev(known) / len(known) ** 0.5
        assert min(known) < 0


def test_habits_are_found_without_bias() -> None:
    """Rates of 10 and 50 % in equal parts: p = 0.3, variance of rates 0.04, so that rho is 0.04 / 0.21."""
    rng = random.Random(2)
    found = [clustering_of(history(rng, 40, 10, [0.1, 0.5])).contact for _ in range(150)]
    assert abs(mean(found) - 0.04 / 0.21) < 3 * stdev(found) / len(found) ** 0.5


@pytest.mark.parametrize("contacts", [[], [[0, 0, 0]], [[1, 1]], [[0, 1, 1, 0]], [[1], [0]], [[0, 0], [0]]])
def test_where_nothing_can_be_estimated_bookings_count_as_independent(contacts: list[list[int]]) -> None:
    found = clustering_of(clusters_of(contacts, contacts))
    assert (found.contact, found.session, found.whole) == (0.0, 0.0, 1.0)
    assert INDEPENDENT.whole == 1.0


def test_the_rest_is_never_taken_for_less_clustered_than_it_is() -> None:
    """Of a contact with 2 bookings here and 3 elsewhere the rest has 9 of the 25: at most 25 - 4 is taken."""
    sums = clusters_of([[1, 1, 0, 0, 0], [0, 0, 0, 1, 0, 0]], [[0], [1], [1]] + [[0]] * 8)
    found = clustering_of(sums)
    assert found.effect_of_rest(9, 4, 2) >= found.effect(9, 9 + 36, 9)


# As many histories as show coverage and false flags roughly: tests/stress/test_regulars.py has enough to be strict.
NULLS = [Scene(), Scene(1.2), Scene(0.7, 0.5)]


@pytest.mark.parametrize("samples", [12, pytest.param(60, marks=pytest.mark.long)])
def test_habits_and_shocks_alone_raise_few_flags_and_stay_within_the_interval(samples: int) -> None:
    told = [told_of(scene, seed) for scene in NULLS for seed in range(samples)]
    within = sum(each.low <= BASE <= each.high for each in told) / len(told)
    assert within >= 0.85
    assert sum(bool(each.flagged) for each in told) <= 0.15 * len(told)


@pytest.mark.parametrize("samples", [6, pytest.param(30, marks=pytest.mark.long)])
def test_a_series_that_loses_twice_as_many_is_found(samples: int) -> None:
    told = [told_of(Scene(added={5: 0.12}), seed) for seed in range(samples)]
    assert sum("series 5" in each.flagged for each in told) >= 0.8 * samples
