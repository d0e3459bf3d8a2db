"""Compare another system's sums per day, week, month or service with those of every definition. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from queries.reconciling.cells import Numbers
from queries.reconciling.definitions import Counted, Definition, Definitions


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
    def is_known(self) -> bool:
        """Whether noshow has a row in any of the groups."""
        return bool((self._own < len(self._groups)).any())

    def differing(self, counted: Counted) -> Numbers:
        """In how many groups each definition gives other sums."""
        found = [self._differing(each, row, counted) for row, each in enumerate(counted.definitions)]
        return np.array(found, dtype=np.int64)

    def sums(self, definition: Definition) -> tuple[Numbers, Numbers]:
        """Numerator and denominator of each group."""
        counted = self._definitions.counted([definition])
        return self._sums(definition, 0, counted)

    def _differing(self, definition: Definition, row: int, counted: Counted) -> int:
        part, whole = self._sums(definition, row, counted)
        known_part, known_whole = self._part >= 0, self._whole >= 0
        return int((((part != self._part) & known_part) | ((whole != self._whole) & known_whole)).sum())

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
