"""Read how large the gain of each shape is by chance: its 99 % quantile over an even rate.

`change_limits.tsv` has them by the number of periods and the expected no-shows in one, from simulation: 4,000 series of
an even rate of 12 % a row, made by `tests/bench/change_limits.py`. Every place that a shape could have is looked at in
each series, so that the quantile is that of the best place.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping
from functools import cache

import numpy as np

from queries.measures.change_verdict import Shape, Unit
from queries.measures.shapes import CALENDARS
from queries.packaged import packaged_text


@cache
def _rows() -> tuple[Mapping[str, str], ...]:
    text = packaged_text("queries", "measures", "change_limits.tsv")
    return tuple(csv.DictReader(text.splitlines(), delimiter="\t"))


def change_limit(shape: Shape, unit: Unit, periods: int, missed: float, looks: int = 1) -> float:
    """The gain that a shape exceeds in 1 % of even series, of that many periods with so many no-shows expected in each.

    Interpolated between rows of the table on logarithmic scales; beyond its ends the nearest row counts. `looks` is the
    number of series examined in all: gains have the tail of a chi-square distribution, exp(-gain / 2), so that one of m
    series exceeds a limit by chance no more often if it is raised by 2 log m.
    """
    has_season = periods >= CALENDARS[unit].season_from
    rows = [row for row in _rows() if row["unit"] == unit and (row["season"] == "yes") == has_season]
    levels = sorted({float(row["missed"]) for row in rows})
    at_level = [_interpolated(rows, shape, level, periods) for level in levels]
    limit = float(np.interp(math.log(max(missed, levels[0])), np.log(levels), at_level))
    return limit + 2 * math.log(looks)


def _interpolated(rows: list[Mapping[str, str]], shape: Shape, level: float, periods: int) -> float:
    mine = sorted((float(row["periods"]), float(row[shape])) for row in rows if float(row["missed"]) == level)
    lengths, limits = zip(*mine, strict=True)
    return float(np.interp(math.log(periods), np.log(lengths), limits))
