"""Judge a model as it would have been used: trained at several moments, on the bookings that came next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from pipeline.predicting.fitting import SPREADS, fit
from pipeline.predicting.judging import Judged, Verdict, log_losses, together, verdict
from pipeline.predicting.past import Codes, Floats, Past
from queries.measures.rates import prior_weight

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# The share of the bookings, in the order of their starts, that lies before each moment at which a model is trained.
ORIGINS = (0.6, 0.7333, 0.8667)
# The spread of effects is chosen among the newest bookings before the first moment: each of so many stretches of time
# is judged by the others.
_STRETCHES, _CHOICE_ROWS = 4, 50_000


@dataclass(frozen=True, slots=True)
class Rolled:
    """The verdict on later bookings, their rows in `Past`, and the spread of effects that was chosen beforehand."""

    verdict: Verdict
    judged: Judged
    rows: Codes
    spread: float


def roll(past: Past, rows: csr_matrix) -> Rolled | None:
    """Train at each origin on the bookings due by then, and judge on those up to the next; None if none is left."""
    starts = past.starts_at
    moments = [*(starts[int(share * (len(past) - 1))] for share in ORIGINS), starts[-1]]
    spread = _chosen_spread(past, rows, np.flatnonzero(past.due_at <= moments[0])[-_CHOICE_ROWS:])
    parts, judged_rows = [], []
    for moment, until in pairwise(moments):
        known = np.flatnonzero(past.due_at <= moment)
        later = np.flatnonzero((starts > moment) & (starts <= until))
        if len(later) and is_mixed(past, known):
            fitted = fit(rows[known], past.missed[known], past.weight[known], spread)
            parts.append(_judged(past, later, fitted.risk(rows[later]), group_rates(past, known)))
            judged_rows.append(later)
    if not parts:
        return None
    judged = together(parts)
    return Rolled(verdict(judged), judged, np.concatenate(judged_rows), spread)


def is_mixed(past: Past, rows: Codes) -> bool:
    """Whether some of the bookings were missed, and some not."""
    missed = past.missed[rows]
    return bool(len(missed)) and bool(missed.any()) and not bool(missed.all())


def _judged(past: Past, rows: Codes, risk: Floats, rates: Floats) -> Judged:
    groups = past.group[rows]
    return Judged(past.missed[rows], past.weight[rows], risk, rates[groups], past.session[rows], past.contact[rows])


def group_rates(past: Past, known: Codes) -> Floats:
    """The rate of each group of one service and lead time over some bookings, shrunk to that of all.

    As in `queries/views/upcoming.sql`: (k + M p) / (n + M) with M of `prior_weight`, at least 1; p if groups are alike.
    """
    number = int(past.group.max()) + 1
    n = np.bincount(past.group[known], past.weight[known], number)
    k = np.bincount(past.group[known], past.weight[known] * past.missed[known], number)
    p = k.sum() / n.sum()
    weight = prior_weight(pl.DataFrame({"rated_bookings": n, "missed_bookings": k}))
    if weight is None:
        return np.full(number, p)
    rates: Floats = (k + max(1.0, weight) * p) / (n + max(1.0, weight))
    return rates


def _chosen_spread(past: Past, rows: csr_matrix, known: Codes) -> float:
    """The spread with the least loss over stretches of some bookings, each judged by a model of the other stretches."""
    losses = dict.fromkeys(SPREADS, 0.0)
    for last in np.array_split(known, _STRETCHES):
        first = np.setdiff1d(known, last, assume_unique=True)
        if not is_mixed(past, first):
            continue
        for spread in SPREADS:
            fitted = fit(rows[first], past.missed[first], past.weight[first], spread)
            losses[spread] += float((past.weight[last] * log_losses(past.missed[last], fitted.risk(rows[last]))).sum())
    return min(losses, key=losses.__getitem__)
