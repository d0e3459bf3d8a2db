"""Compare another system's sums per day, week, month or service with those of every definition. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.reconciling.cells import Numbers
from queries.reconciling.definitions import Counted, Definition, Definitions, fingerprints
from queries.reconciling.said import Said, read_said


@dataclass(frozen=True, slots=True)
class InGroups:
    """Definitions within the groups of another system's sums, an entry for each.

    `differing` is the number of groups with other sums than theirs, `moved` how far the sums lie from noshow's own, one
    by one; `part` and `whole` are the totals, `print` is the same for definitions that give the same sums.
    """

    differing: Numbers
    moved: Numbers
    part: Numbers
    whole: Numbers
    print: Numbers


def joined(found: Sequence[InGroups]) -> InGroups:
    """Several parts of the definitions as one."""
    return InGroups(*(np.concatenate([getattr(each, name) for each in found]) for name in InGroups.__slots__))


class SumsOf:
    """Sums by the groups of another system's, of any definition.

    `theirs` has group (Date or String), part and whole (Int64, null if it is not given), each group once.
    """

    def __init__(self, definitions: Definitions, theirs: pl.DataFrame) -> None:
        self._definitions = definitions
        self._groups = theirs["group"]
        self._part = _given(theirs["part"])
        self._whole = _given(theirs["whole"])
        self._own = self._places(definitions.cells.frame["bucket"])
        self._by_dates: dict[Definition, Numbers] = {}

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return len(self._groups)

    @property
    def said(self) -> Said | None:
        """Their total as two counts, if both numbers of every group are known."""
        if (self._part < 0).any() or (self._whole < 0).any() or not self._whole.sum() >= self._part.sum() > 0:
            return None
        return read_said(f"{self._part.sum()}/{self._whole.sum()}")

    @property
    def is_known(self) -> bool:
        """Whether noshow has a row in any of the groups."""
        return bool((self._own < len(self._groups)).any())

    def compared(self, counted: Counted) -> InGroups:
        """The sums of each definition beside theirs."""
        each = [self._sums(definition, row, counted) for row, definition in enumerate(counted.definitions)]
        part, whole = (np.stack(sums) for sums in zip(*each, strict=True))
        own_part, own_whole = self.sums(())
        known_part, known_whole = self._part >= 0, self._whole >= 0
        differs = ((part != self._part) & known_part) | ((whole != self._whole) & known_whole)
        moved = abs(part - own_part) * known_part + abs(whole - own_whole) * known_whole
        prints = fingerprints(part * known_part, whole * known_whole)
        return InGroups(
            differs.sum(axis=1), moved.sum(axis=1), part[:, known_part].sum(axis=1), whole[:, known_whole].sum(axis=1),
            prints,
        )  # fmt: skip

    def sums(self, definition: Definition) -> tuple[Numbers, Numbers]:
        """Numerator and denominator of each group."""
        counted = self._definitions.counted([definition])
        return self._sums(definition, 0, counted)

    def _sums(self, definition: Definition, row: int, counted: Counted) -> tuple[Numbers, Numbers]:
        places, n, size = self._places_of(definition), self._definitions.n, len(self._groups) + 1
        # Sums below 2^53 are exact in floating point, and bincount adds up in it.
        part = np.bincount(places, weights=counted.part[row] * n, minlength=size)[:-1]
        whole = np.bincount(places, weights=counted.whole[row] * n, minlength=size)[:-1]
        return part.astype(np.int64), whole.astype(np.int64)

    def _places_of(self, definition: Definition) -> npt.NDArray[np.int64]:
        bucket = self._definitions.bucket_of(definition)
        if bucket is None:
            return self._own
        if definition not in self._by_dates:
            self._by_dates[definition] = self._places(bucket)
        return self._by_dates[definition]

    def _places(self, groups: pl.Series) -> npt.NDArray[np.int64]:
        """The place of each cell's group in theirs, or the place behind them all."""
        places = pl.DataFrame({"group": _folded(self._groups), "place": range(len(self._groups))})
        found = _folded(groups).to_frame("group").join(places, on="group", how="left", maintain_order="left")["place"]
        numbers: npt.NDArray[np.int64] = found.fill_null(len(self._groups)).to_numpy().astype(np.int64)
        return numbers


def _folded(groups: pl.Series) -> pl.Series:
    """Groups in the form in which they are compared: services in small letters."""
    return groups.str.strip_chars().str.to_lowercase() if groups.dtype == pl.String else groups


def _given(numbers: pl.Series) -> Numbers:
    return numbers.fill_null(-1).to_numpy().astype(np.int64)
