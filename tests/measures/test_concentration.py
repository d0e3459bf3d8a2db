"""How few people make half of the no-shows: by hand, beside simulation, and over samples with and without habits."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from queries.measures.concentration import Concentration, concentration

COLUMNS = ("rated_bookings", "missed_bookings", "people")


def counted(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.Int64), orient="row")


def sample(seed: int, sd: float, people: int = 300) -> Concentration:
    random = np.random.default_rng(seed)
    n = random.integers(1, 15, people)
    k = random.binomial(n, 1 / (1 + np.exp(1.7 - sd * random.normal(size=people))))
    frame = pl.DataFrame({"rated_bookings": n, "missed_bookings": k}).group_by(pl.all()).len("people")
    return concentration(frame, int(n.sum()))


def test_half_of_the_no_shows_by_hand() -> None:
    """2 people made 5 each and 20 made 1: half of 30 are those 10 and 5 more."""
    found = concentration(counted((10, 5, 2), (10, 1, 20), (10, 0, 78)), 1000)
    assert (found.half, found.people, found.no_shows, found.bookings) == (7, 100, 30, 1000)
    assert found.answer == "found"


def test_by_chance_as_many_are_expected_as_in_a_simulation() -> None:
    random = np.random.default_rng(1)
    n = np.repeat([2, 5, 20], [100, 60, 40])
    found = concentration(counted((2, 0, 100), (5, 1, 60), (20, 4, 40)), int(n.sum()))
    halves = []
    for _ in range(300):
        most = np.cumsum(np.sort(random.binomial(n, found.no_shows / found.bookings))[::-1])
        halves.append(int(np.searchsorted(most, most[-1] / 2)) + 1)
    assert found.chance == pytest.approx(np.mean(halves), rel=0.04)


def test_people_with_habits_differ_beyond_chance() -> None:
    assert sum(sample(seed, 0.0).answer == "found" for seed in range(500)) <= 30
    assert sum(sample(seed, 1.0).answer == "found" for seed in range(20)) >= 19


@pytest.mark.parametrize(
    ("rows", "rated", "reason"),
    [
        ([(5, 2, 30)], 400, "most bookings do not say who made them"),
        ([(5, 0, 30), (5, 1, 10)], 200, "fewer than 20 no-shows"),
        ([(5, 5, 30)], 150, "every booking is a no-show"),
        ([], 0, "most bookings do not say who made them"),
    ],
)
def test_the_reason_stands_where_it_cannot_be_said(rows: list[tuple[int, int, int]], rated: int, reason: str) -> None:
    found = concentration(counted(*rows), rated)
    assert (found.answer, found.half, found.chance, found.p_value) == ("not tested", None, None, None)
    assert reason in (found.missing or "")


def test_people_of_one_booking_each_show_nothing() -> None:
    found = concentration(counted((1, 1, 40), (1, 0, 160)), 200)
    assert (found.half, found.chance, found.answer) == (20, pytest.approx(20), "not found")
