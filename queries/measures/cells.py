"""Cells made ready for a model: levels of factors as numbers, rare ones put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from queries.model.factors import KEYS, sequence_of

if TYPE_CHECKING:
    from queries.measures.logistic import Fit

# The level of rare levels together; a source's own level of this name would be put with them.
OTHERS = "others"
MOST_LEVELS = 100
# A model has at most one parameter for so many no-shows (or bookings kept, if those are fewer), lest it fit chance.
_EVENTS_PER_PARAMETER = 5
_COUNTS = ("rated_bookings", "missed_bookings")

Level = str | None


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells with factors coded: `frame` has each factor of `levels` as a number, its place among the factor's levels,
    beside location_id, staff_id, service_id, rated_bookings and missed_bookings.

    `left_out` names the factors with fewer than two levels to compare (`one level`), and those that have too many
    levels for the number of no-shows (`too few`).
    """

    frame: pl.DataFrame
    levels: Mapping[str, tuple[Level, ...]]
    left_out: Mapping[str, str]

    @property
    def rated(self) -> int:
        """Rated bookings."""
        return int(self.frame["rated_bookings"].sum())

    @property
    def missed(self) -> int:
        """The no-shows among them."""
        return int(self.frame["missed_bookings"].sum())

    def totals(self, factor: str) -> list[tuple[int, int]]:
        """Rated bookings and no-shows of each level of a factor."""
        sums = self.frame.group_by(factor).agg(pl.col(_COUNTS).sum())
        by_level = {level: (rated, missed) for level, rated, missed in sums.iter_rows()}
        return [by_level.get(at, (0, 0)) for at in range(len(self.levels[factor]))]

    def reference(self, factor: str) -> int:
        """The most frequent level, which the others are compared with."""
        rated = [n for n, _ in self.totals(factor)]
        return rated.index(max(rated))


def coded(cells: pl.DataFrame, min_bookings: int) -> Cells:
    """From the measure `cells`. Levels of fewer than `min_bookings` rated bookings are put together as "others"."""
    total, missed = (int(cells[name].sum()) for name in _COUNTS)
    budget = min(missed, total - missed) // _EVENTS_PER_PARAMETER
    factors = [name for name in cells.columns if name not in ("part", *KEYS, *_COUNTS)]
    merged = {name: _merged(cells, name, min_bookings) for name in factors}
    left_out = {name: "one level" for name, (_, compared) in merged.items() if compared < 2}
    kept: list[str] = []
    for name in sorted((name for name in factors if name not in left_out), key=lambda name: _turn(name, merged)):
        parameters = len(set(merged[name][0].values())) - 1
        if parameters <= budget:
            kept.append(name)
            budget -= parameters
        else:
            left_out[name] = "too few"
    levels = {name: _in_order(name, set(merged[name][0].values())) for name in factors if name in kept}
    codes = [
        pl.col(name).replace_strict(
            {level: levels[name].index(put) for level, put in merged[name][0].items()}, return_dtype=pl.Int32
        )
        for name in levels
    ]
    frame = cells.select(*codes, *KEYS, pl.col("service").alias("service_id"), *_COUNTS)
    # In one order, so that sums of floats are the same to the last digit whatever order the rows were read in.
    frame = frame.sort(frame.columns, nulls_last=True)
    return Cells(frame, levels, left_out)


def model(cells: Cells, factors: Sequence[str]) -> Fit:
    """The model of some of the factors, in that order; errors as for `logistic.fit`."""
    import numpy as np  # here, since a report that has nothing to model need not import it

    from queries.measures.logistic import fit

    frame = cells.frame
    return fit(
        [frame[name].to_numpy().astype(np.intp) for name in factors],
        [len(cells.levels[name]) for name in factors],
        [cells.reference(name) for name in factors],
        frame["missed_bookings"].to_numpy().astype(np.float64),
        frame["rated_bookings"].to_numpy().astype(np.float64),
    )


def _merged(cells: pl.DataFrame, factor: str, min_bookings: int) -> tuple[dict[Level, Level], int]:
    """Level of the source -> level of the model, and how many known levels of the model have enough bookings."""
    sums = cells.group_by(factor).agg(pl.col("rated_bookings").sum()).sort("rated_bookings", factor, descending=True)
    rated: dict[Level, int] = dict(sums.iter_rows())
    common = [level for level, n in rated.items() if n >= min_bookings and level is not None][:MOST_LEVELS]
    put = {level: level if level in common or level is None else OTHERS for level in rated}
    others = sum(n for level, n in rated.items() if put[level] == OTHERS)
    return put, len(common) + (others >= min_bookings)


def _turn(factor: str, merged: Mapping[str, tuple[dict[Level, Level], int]]) -> tuple[bool, int]:
    """Which factors a model takes first: lead time, which confounds most others, then those with the fewest levels."""
    return factor != "lead_time", len(set(merged[factor][0].values()))


def _in_order(factor: str, levels: set[Level]) -> tuple[Level, ...]:
    """In the sequence of the factor, else by number or name; "others" and the unknown last."""
    places = {level: place for place, level in enumerate(sequence_of(factor))}
    known = levels - {None, OTHERS}
    are_numbers = all(level is not None and _is_number(level) for level in known)

    def place(level: Level) -> tuple[bool, bool, float, str]:
        name = level or ""
        number = float(name) if are_numbers and level in known else float(places.get(name, 0))
        return level is None, level == OTHERS, number, name

    return tuple(sorted(levels, key=place))


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
