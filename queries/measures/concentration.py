"""How few people make half of the no-shows, beside how few would if all ran the same risk. Pure.

If everybody missed with the same probability p, a person with n bookings would have k no-shows with the binomial
probability. The expected number of people with k no-shows follows, and with it how many, counted from the top, would
make half of them. Whether people differ is tested by Tarone's statistic (1979, Biometrika 66:585), one-sided.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from queries.measures.associations import Answer
from queries.measures.comparison import normal_tail

_FEWEST_NO_SHOWS = 20
_LEVEL = 0.05
# A person's chance of more no-shows is too small to matter once a term of the distribution is below this.
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Concentration:
    """How many of `people` make half of their `no_shows`: in fact (`half`), and if all ran the same risk (`chance`).

    `answer`: whether people differ in their risk beyond chance, with its p-value. If it is `not tested`, the numbers
    are None and `missing` gives the reason. `is_partial`: of other rated bookings it is not known who made them.
    """

    people: int
    no_shows: int
    bookings: int
    half: int | None
    chance: float | None
    p_value: float | None
    answer: Answer
    missing: str | None = None
    is_partial: bool = False


def concentration(frame: pl.DataFrame, rated_bookings: int) -> Concentration:
    """From the measure `concentration` and the number of all rated bookings, whoever made them."""
    counts = frame.select("rated_bookings", "missed_bookings", "people").rows()
    people = sum(number for _, _, number in counts)
    bookings = sum(n * number for n, _, number in counts)
    no_shows = sum(k * number for _, k, number in counts)
    missing = _missing(no_shows, bookings, rated_bookings)
    if missing:
        return Concentration(people, no_shows, bookings, None, None, None, "not tested", missing)
    having: dict[int, float] = defaultdict(float)
    for _, k, number in counts:
        having[k] += number
    rate = no_shows / bookings
    chance = _half(_expected(((n, number) for n, _, number in counts), rate))
    p_value = normal_tail(_tarone(counts, rate))
    answer: Answer = "found" if p_value <= _LEVEL else "not found"
    half, is_partial = math.ceil(_half(having) - 1e-9), bookings < rated_bookings
    return Concentration(people, no_shows, bookings, half, chance, p_value, answer, is_partial=is_partial)


def _missing(no_shows: int, bookings: int, rated_bookings: int) -> str | None:
    if bookings * 2 < rated_bookings or not bookings:
        return "most bookings do not say who made them, or come from sums"
    if no_shows < _FEWEST_NO_SHOWS:
        return f"there are fewer than {_FEWEST_NO_SHOWS} no-shows"
    return "every booking is a no-show" if no_shows == bookings else None


def _half(having: Mapping[int, float]) -> float:
    """How many people, those with the most no-shows first, make half of all; `having` has the people by no-shows.

    With 2 people of 5 no-shows and 20 of 1, half of 30 is 15: the 2 make 10, and 5 of the 20 the rest, so 7.
    """
    left = sum(k * people for k, people in having.items()) / 2
    found = 0.0
    for k in sorted(having, reverse=True):
        if k * having[k] >= left:
            return found + left / k
        left -= k * having[k]
        found += having[k]
    return found


def _expected(people: Iterable[tuple[int, int]], rate: float) -> dict[int, float]:
    """The expected number of people by no-shows, given how many people have n bookings."""
    by_bookings: dict[int, int] = defaultdict(int)
    for n, number in people:
        by_bookings[n] += number
    having: dict[int, float] = defaultdict(float)
    for n, number in by_bookings.items():
        for k, chance in _binomial(n, rate):
            having[k] += number * chance
    return having


def _binomial(n: int, p: float) -> Iterable[tuple[int, float]]:
    for k in range(n + 1):
        log = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        chance = math.exp(log + k * math.log(p) + (n - k) * math.log1p(-p))
        if chance > _NEGLIGIBLE:
            yield k, chance
        elif k > n * p:
            return


def _tarone(counts: Iterable[tuple[int, int, int]], rate: float) -> float:
    """Standard normal if everybody has the same risk; large if some miss often and others seldom."""
    squares = pairs = bookings = 0.0
    for n, k, number in counts:
        squares += number * (k - n * rate) ** 2 / (rate * (1 - rate))
        pairs += number * n * (n - 1)
        bookings += number * n
    return (squares - bookings) / math.sqrt(2 * pairs) if pairs else 0.0
