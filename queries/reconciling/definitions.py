"""Try definitions on cells: noshow's own, each explanation by itself, and every pair of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.reconciling.cells import Cells, Effect, Flags, Numbers

# The effects of a definition by their places in `Cells.effects`: none, one or two.
Definition = tuple[int, ...]
_UNITS = ("", "participants", "rows")


@dataclass(frozen=True, slots=True)
class Counted:
    """Several definitions counted on every cell, a row for each definition and a column for each cell.

    `missed` and `counted` say whether the rows of the cell are no-shows, and in the denominator; `part` and `whole`
    are the amounts that each of these rows adds to numerator and denominator.
    """

    definitions: tuple[Definition, ...]
    missed: npt.NDArray[np.bool_]
    counted: npt.NDArray[np.bool_]
    part: npt.NDArray[np.int64]
    whole: npt.NDArray[np.int64]

    @property
    def states(self) -> npt.NDArray[np.int8]:
        """0 for rows that do not count, 1 for those that came, 2 for no-shows."""
        return self.counted.astype(np.int8) + self.missed


class Definitions:
    """Every definition that can be tried on some cells."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.n = cells.numbers("n")
        self._rated, self._missed = cells.flags("is_rated"), cells.flags("is_missed")
        self._periods = self._stack(lambda effect: effect.in_period, cells.flags("in_period"))
        self._dues = self._stack(lambda effect: effect.is_due, cells.flags("is_due"))
        self._flags = {name: self._conditions(name) for name in ("missed", "counted", "came", "dropped")}
        weight, booked, absent = (cells.numbers(name) for name in ("weight", "booked", "known_absent"))
        one, none = np.ones_like(weight), np.zeros_like(weight)
        self._units = np.stack([weight, booked * weight, one])
        # Of a party that came in part, those who stayed away.
        self._partial = np.stack([none, np.where(self._rated & ~self._missed, absent * weight, 0), none])
        more = [effect.more * weight if effect.more is not None else none for effect in cells.effects]
        self._more = np.stack([none, *more])
        self._unit = np.array([0, *(_UNITS.index(effect.explanation.units) for effect in cells.effects)])
        self._has_period = np.array([False, *(effect.in_period is not None for effect in cells.effects)])
        self._has_due = np.array([False, *(effect.is_due is not None for effect in cells.effects)])

    @property
    def effects(self) -> tuple[Effect, ...]:
        """The effects that definitions are made of."""
        return self.cells.effects

    def all(self, pairs: bool = True) -> Iterator[Counted]:
        """Noshow's own definition and the single ones, then the pairs in parts."""
        count = len(self.effects)
        yield self.counted([(), *((one,) for one in range(count))])
        for first in range(count if pairs else 0):
            others = [(first, second) for second in range(first + 1, count) if self.can_join(first, second)]
            if others:
                yield self.counted(others)

    def can_join(self, first: int, second: int) -> bool:
        """Whether two explanations can hold at once."""
        one, other = (self.effects[place].explanation for place in (first, second))
        return not one.sets & other.sets

    def counted(self, definitions: Sequence[Definition]) -> Counted:
        """Count definitions on every cell."""
        # Place 0 stands for no effect at all.
        pairs = np.array([([each + 1 for each in one] + [0, 0])[:2] for one in definitions])
        first, second = pairs[:, 0], pairs[:, 1]
        either = {name: flags[first] | flags[second] for name, flags in self._flags.items()}
        period = self._periods[np.where(self._has_period[second], second, first)]
        due = self._dues[np.where(self._has_due[second], second, first)]
        scope = period & due & ~either["dropped"]
        missed = scope & ((self._missed & ~either["came"]) | either["missed"])
        counted = scope & (self._rated | either["missed"] | either["counted"])
        unit = np.where(self._unit[second] > 0, self._unit[second], self._unit[first])
        units = self._units[unit]
        part = np.where(missed, units, np.where(counted, self._partial[unit], 0))
        whole = np.where(counted, units + self._more[first] + self._more[second], 0)
        return Counted(tuple(definitions), missed, counted, part, whole)

    def bucket_of(self, definition: Definition) -> pl.Series | None:
        """The groups of the cells under a definition's dates, or None if they are those of the session's dates."""
        return next((found for one in definition if (found := self.effects[one].bucket) is not None), None)

    @cached_property
    def touched(self) -> npt.NDArray[np.bool_]:
        """Whether each effect can change anything about the rows of each cell: a row for each effect."""
        own_period, own_due = self._periods[0], self._dues[0]
        flags = np.logical_or.reduce([each[1:] for each in self._flags.values()])
        found: npt.NDArray[np.bool_] = flags | (self._periods[1:] != own_period) | (self._dues[1:] != own_due)
        return found

    def _conditions(self, name: str) -> npt.NDArray[np.bool_]:
        none = np.zeros(len(self.n), dtype=np.bool_)
        return np.stack([none, *(effect.flags.get(name, none) for effect in self.effects)])

    def _stack(self, of: Callable[[Effect], Flags | None], own: Flags) -> npt.NDArray[np.bool_]:
        found = (of(effect) for effect in self.effects)
        return np.stack([own, *(own if each is None else each for each in found)])


def fingerprints(part: Numbers, whole: Numbers) -> Numbers:
    """A number for each definition (a row), the same for those with the same amounts in every cell or group (a column).

    A sum of the amounts times a random number of their column, modulo 2^64: of two definitions that differ anywhere it
    is the same by chance once in 2^64.
    """
    rng = np.random.default_rng(20_260_301)
    first, second = rng.integers(-(2**62), 2**62, size=(2, part.shape[1]), dtype=np.int64)
    with np.errstate(over="ignore"):
        found: Numbers = (part * first + whole * second).sum(axis=1)
    return found
