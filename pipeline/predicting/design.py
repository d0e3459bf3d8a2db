"""Turn facts about bookings into sparse columns, and leave out those that may be known only afterwards. Pure.

A column stands for a level of a feature, or for a feature that is a number. Features that a source may write again
after the session, such as payment and attributes, are held against the bookings ahead: their levels must be there too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from pipeline.predicting.past import Floats, Past
from queries.model.risk import FEATURES, is_checked

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# A level of fewer bookings has no column of its own: it counts as the mean of all.
FEWEST_OF_A_LEVEL = 20
# A level is compared with the bookings ahead if at least so many of them should have it.
_EXPECTED = 7
# The largest share of the uncertainty about the outcome that something known before is believed to explain.
_TOO_GOOD = 0.5
_NUMBERS = frozenset(feature.name for feature in FEATURES if feature.is_number)


@dataclass(frozen=True, slots=True)
class Design:
    """The columns of a model, each a feature and a level ("" for a number), and the features left out, with reasons."""

    columns: tuple[tuple[str, str], ...]
    left_out: Mapping[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """The features that have a column, each once."""
        return tuple(dict.fromkeys(feature for feature, _ in self.columns))

    def matrix(self, levels: pl.DataFrame) -> csr_matrix:
        """A sparse row for each row of levels."""
        from scipy.sparse import csr_matrix

        codes = np.stack([self._codes(levels, feature) for feature in self.features], axis=1)
        values = np.ones(codes.shape)
        for at, feature in enumerate(self.features):
            if feature in _NUMBERS:
                values[:, at] = levels[feature].to_numpy()
        held = (codes >= 0) & (values != 0)
        starts = np.concatenate([[0], np.cumsum(held.sum(axis=1))])
        return csr_matrix((values[held], codes[held], starts), shape=(len(codes), len(self.columns)))

    def _codes(self, levels: pl.DataFrame, feature: str) -> npt.NDArray[np.int32]:
        """The column of each row's level, -1 for none."""
        own = {level: at for at, (name, level) in enumerate(self.columns) if name == feature}
        if feature in _NUMBERS:
            return np.full(levels.height, own[""], dtype=np.int32)
        mapped = levels[feature].replace_strict(own, default=-1, return_dtype=pl.Int32)
        return mapped.fill_null(-1).to_numpy()


def design_of(past: Past, left_out: Sequence[str] = ()) -> Design:
    """Choose the columns, none without past bookings. `left_out` are features that the settings exclude."""
    reasons = dict.fromkeys(left_out, "left out by the setting model_leave_out")
    columns: list[tuple[str, str]] = []
    for feature in past.levels.columns if len(past) else ():
        if feature in _NUMBERS:
            columns.append((feature, ""))
            continue
        counts = past.levels[feature].drop_nulls().value_counts().filter(pl.col("count") >= FEWEST_OF_A_LEVEL)
        levels = sorted(counts[feature].to_list())
        if is_checked(feature):
            if reason := reason_against(past, feature):
                reasons[feature] = reason
                continue
            levels = [level for level in levels if _expected(past, feature, level) >= _EXPECTED]
        if len(levels) > 1 or past.levels[feature].null_count():
            columns += [(feature, level) for level in levels]
    return Design(tuple(columns), reasons)


def reason_against(past: Past, feature: str) -> str | None:
    """Why a feature that can be written again after the session is not believed to be known before; None if it is.

    There must be past bookings.

    Of 40 bookings ahead 12 should be paid if 30 % of the past ones are. If none is, or all are, they are paid later.
    """
    if past.ahead.height < 2 * _EXPECTED:
        return (
            f"it may be written after the session, and only {past.ahead.height} bookings ahead show its values before"
        )
    for level in [*past.levels[feature].unique().drop_nulls().sort(), None]:
        expected, seen = _expected(past, feature, level), int(past.ahead[feature].eq_missing(level).sum())
        if expected >= _EXPECTED and seen < expected / 2:
            share = f"{seen} of {past.ahead.height}"
            named = "without a value" if level is None else f"with the value {level!r}"
            return (
                f"it seems to be written after the session: {share} bookings ahead are {named}, {expected:.0f} expected"
            )
    if explained(past.missed, past.levels[feature]) > _TOO_GOOD:
        return "it explains more of the outcome than anything known before a session could"
    return None


def _expected(past: Past, feature: str, level: str | None) -> float:
    """How many bookings ahead would have a level if they were like those of the past."""
    return int(past.levels[feature].eq_missing(level).sum()) / past.levels.height * past.ahead.height


def explained(missed: Floats, levels: pl.Series) -> float:
    """The share of the log loss of one rate for all that the rates of levels take away (McFadden 1974)."""
    groups = pl.DataFrame({"level": levels, "missed": missed}).group_by("level").agg(pl.len(), pl.col("missed").sum())
    before = _entropy(len(missed), float(missed.sum()))
    after = sum(_entropy(n, k) for _, n, k in groups.iter_rows())
    return 1 - after / before if before else 0.0


def _entropy(n: float, k: float) -> float:
    return -sum(part * math.log(part / n) for part in (k, n - k) if part)
