"""The share of a course that each enrolment can still attend, and whether it missed the majority. Pure."""

from __future__ import annotations

import polars as pl

FEWEST_MARKED = 3


def with_standing(enrolments: pl.DataFrame) -> pl.DataFrame:
    """Add the standing of each enrolment to its counts.

    The counts (Int64) are attended_bookings A, no_shows N, unmarked_bookings U and not_due. The standing is
    attended_so_far (Float64): A / (A + N); best_still_possible (Float64): (A + U + not due) / all; both null if there
    is nothing to divide; missed_majority (Boolean): N over half of A + N, with A + N at least 3.
    """
    attended, missed = pl.col("attended_bookings"), pl.col("no_shows")
    marked = attended + missed
    possible = attended + pl.col("unmarked_bookings") + pl.col("not_due")
    return enrolments.with_columns(
        attended_so_far=pl.when(marked > 0).then(attended / marked),
        best_still_possible=pl.when(possible + missed > 0).then(possible / (possible + missed)),
        missed_majority=(marked >= FEWEST_MARKED) & (2 * missed > marked),
    )
