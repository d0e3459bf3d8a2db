"""How often the intervals of expected no-shows hold those that came about, over samples with a known truth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from support.simulated_ahead import Truth, database, sample

from queries.database import frame_of
from queries.model.groupings import GROUPINGS
from queries.statements import sums_ahead_sql


@dataclass(frozen=True)
class Covered:
    """The share of sums within their interval, the number of sums, and the mean width of the intervals."""

    share: float
    sums: int
    width: float


def covered(truth: Truth, by: str, seeds: Iterable[int], **sizes: Any) -> Covered:
    """Over the sums by `session` or `week` of samples with these seeds."""
    each = []
    for seed in seeds:
        made = sample(np.random.default_rng(seed), truth, **sizes)
        text = sums_ahead_sql(GROUPINGS[by], "from bookings_ahead_at($as_of)", "from waiting_at($as_of)")
        with database(made.rows) as con:
            found = frame_of(con, text, {"as_of": made.as_of})
        key = GROUPINGS[by].columns[0]
        ahead = made.rows.with_columns(
            missed=pl.Series(made.missed), week=pl.col("starts_at").dt.truncate("1w").dt.date()
        )
        came_about = ahead.filter(~pl.Series(made.is_past)).group_by(key).agg(pl.col("missed").sum())
        each.append(found.join(came_about, on=key, validate="1:1"))
    sums = pl.concat(each)
    within = sums["missed"].is_between(sums["no_shows_low"], sums["no_shows_high"])
    return Covered(float(within.mean()), sums.height, float((sums["no_shows_high"] - sums["no_shows_low"]).mean()))
