"""Find the definitions that give the number of another system, and how many would by chance. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from queries.reconciling.answer import Verdict
from queries.reconciling.cells import Numbers
from queries.reconciling.definitions import Counted, Definition, Definitions, fingerprints
from queries.reconciling.said import Said

# So many definitions may be expected to fit by chance, and by errors of single rows, if one is to be named as the
# reason. tests/stress/RESULTS-reconcile.md has the figures behind both limits.
MOST_BY_CHANCE = 0.02
MOST_BY_ERRORS = 0.005
# There are many more pairs of explanations than single ones, so that each is less likely to be the reason.
MOST_PAIRS_BY_CHANCE = 0.005
MOST_PAIRS_BY_ERRORS = 0.0025
# Definitions whose denominator is within this share of the number's say how dense they lie around it.
_NEAR = 0.05
_FEWEST_NEAR = 10
# A rate is compared with those within this share of it.
_NEAR_RATE = 0.25


@dataclass(frozen=True, slots=True)
class Family:
    """Definitions that count the same rows alike, so that no number can separate them: those of fewest parts."""

    definitions: tuple[Definition, ...]
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Tried:
    """Every definition that was tried: its effects, its counts, and a fingerprint shared with those like it."""

    definitions: tuple[Definition, ...]
    part: Numbers
    whole: Numbers
    print: Numbers

    @property
    def own(self) -> Family:
        """Noshow's own definition."""
        return Family(((),), int(self.part[0]), int(self.whole[0]))

    @property
    def different(self) -> int:
        """How many definitions count different rows, noshow's own among them."""
        return len(np.unique(self.print))

    def families(self, fits: npt.NDArray[np.bool_]) -> list[Family]:
        """The families of the definitions that fit, those of fewest explanations first.

        If noshow's own figure is the same, there is nothing to explain: it is the only one.
        """
        if fits[0]:
            return [self.own]
        by_print: dict[int, list[int]] = {}
        for place in np.flatnonzero(fits):
            by_print.setdefault(int(self.print[place]), []).append(int(place))
        found = [self._family(places) for places in by_print.values()]
        return sorted(found, key=lambda family: len(family.definitions[0]))

    def by_chance(self, said: Said, fits: npt.NDArray[np.bool_]) -> float:
        """How many definitions are expected to fit a number by chance, as dense as they lie around it."""
        others = others_than(fits, self.print)
        return expected_by_chance(said, self.part[others], self.whole[others])

    def by_errors(self, families: Sequence[Family]) -> float:
        """How many definitions errors of single rows would hit, if they change as many rows as the first family.

        Errors that move numerator and denominator by up to m can lead to (2m + 1)² pairs of counts. A definition that
        is among so few pairs around noshow's own figure shows nothing: UTC dates that move 4 rows, say. Nor does a
        second explanation that moves a row or two beside the first: a mistyped 586 for 585 is hit by one of many.
        """
        if not families:
            return 0.0
        chosen = families[0].definitions[0]
        steps = [self._by_errors(families[0], (), self.as_simple_as(chosen))]
        for one in chosen if len(chosen) > 1 else ():
            has_it = np.array([one in each for each in self.definitions])
            steps.append(self._by_errors(families[0], (one,), has_it))
        return max(steps)

    def as_simple_as(self, chosen: Definition) -> npt.NDArray[np.bool_]:
        """Those of no more parts: errors may hit a pair of explanations sooner, since there are more of them."""
        return np.array([len(each) <= len(chosen) for each in self.definitions])

    def _by_errors(self, family: Family, base: Definition, among: npt.NDArray[np.bool_]) -> float:
        place = self.definitions.index(base)
        moved = max(abs(family.part - self.part[place]), abs(family.whole - self.whole[place]))
        change = np.maximum(abs(self.part - self.part[place]), abs(self.whole - self.whole[place]))
        hit = np.unique(self.print[among & (change <= moved)])
        return float((hit != self.print[place]).sum() / (2 * float(moved) + 1) ** 2)

    def _family(self, places: list[int]) -> Family:
        every = [self.definitions[place] for place in places]
        single = [each for each in every if len(each) < 2]
        alone = {effect for each in single for effect in each}
        # With an explanation that does it alone, a pair of it and another adds nothing.
        pairs = [each for each in every if len(each) == 2 and not alone & {*each}]
        own = [()] if () in single else []
        return Family(tuple(own or (*single, *pairs)), int(self.part[places[0]]), int(self.whole[places[0]]))


def limits_of(family: Family) -> tuple[float, float]:
    """How many definitions may be expected to fit by chance, and by errors, if a family is to be named."""
    is_pair = len(family.definitions[0]) > 1
    return (MOST_PAIRS_BY_CHANCE, MOST_PAIRS_BY_ERRORS) if is_pair else (MOST_BY_CHANCE, MOST_BY_ERRORS)


def verdict_on(families: Sequence[Family], by_chance: float, by_errors: float = 0.0) -> Verdict:
    """Whether the families that fit a number can be named as the reason: one alone, and not by chance or by errors.

    If noshow's own figure is the same, nothing is guessed.
    """
    if not families:
        return "none"
    if families[0].definitions[0] == ():
        return "explained"
    most_by_chance, most_by_errors = limits_of(families[0])
    is_sure = len(families) == 1 and by_chance <= most_by_chance and by_errors <= most_by_errors
    return "explained" if is_sure else "several"


def others_than(fits: npt.NDArray[np.bool_], prints: Numbers) -> npt.NDArray[np.int64]:
    """The places of different definitions that say how dense they lie: neither those that fit nor noshow's own."""
    _, first = np.unique(prints, return_index=True)
    # Those that fit are the ones in question: they say nothing of chance.
    others: npt.NDArray[np.int64] = first[~fits[first] & (prints[first] != prints[0])]
    return others


def try_all(definitions: Definitions) -> Tried:
    """Count every single explanation and every pair."""
    return tried_of(definitions, definitions.all())


def tried_of(definitions: Definitions, counted: Iterator[Counted]) -> Tried:
    """The sums of definitions that were counted cell by cell."""
    names: list[Definition] = []
    sums: list[tuple[Numbers, Numbers, Numbers]] = []
    for each in counted:
        names += each.definitions
        sums.append((each.part @ definitions.n, each.whole @ definitions.n, fingerprints(each.part, each.whole)))
    part, whole, prints = (np.concatenate(column) for column in zip(*sums, strict=True))
    return Tried(tuple(names), part, whole, prints)


def expected_by_chance(said: Said, part: Numbers, whole: Numbers) -> float:
    """How many of some counts would fit a number if they were spread evenly around it.

    Of counts 31 of 385, those that lie within 5 % of 385 and around the same rate could have been at any of so many
    places; of a rate, those within a quarter of it could have been anywhere there.
    """
    usable = whole > 0
    part, whole = part[usable], whole[usable]
    rates = part / whole
    middle, width = float(said.low + said.high) / 2, float(said.high - said.low)
    if said.whole is None:
        reach = max(_NEAR_RATE * middle, 5 * width)
        return float((abs(rates - middle) <= reach).sum() * width / (2 * reach))
    reach_whole = max(_FEWEST_NEAR, int(_NEAR * said.whole))
    expected = middle * said.whole
    reach = max(3, int(2 * math.sqrt(expected)))
    near = (abs(whole - said.whole) <= reach_whole) & (abs(part - middle * whole) <= reach)
    fitting = 1 if said.is_exact else max(1.0, width * said.whole)
    return float(near.sum() * min(1.0, fitting / (2 * reach + 1)) / (2 * reach_whole + 1))
