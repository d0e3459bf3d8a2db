"""The answer to "why does the other number differ": a verdict, the explanations that fit, and the rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import polars as pl

Verdict = Literal["explained", "several", "none"]
FITS = {
    "explanation": pl.String,
    "words": pl.String,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "rate": pl.Float64,
    "rows_added": pl.Int64,
    "rows_removed": pl.Int64,
    "no_shows_added": pl.Int64,
    "no_shows_removed": pl.Int64,
    "family": pl.Int64,
    "source": pl.String,
}
ROWS = {
    "booking_id": pl.String,
    "session_id": pl.String,
    "local_date": pl.Date,
    "service": pl.String,
    "location": pl.String,
    "here": pl.String,
    "there": pl.String,
    "explained_by": pl.String,
}
GROUPS = {
    "group": pl.String,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "their_numerator": pl.Int64,
    "their_denominator": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Why another system's number differs from noshow's.

    `verdict`: `explained` if one explanation, or explanations of the very same rows, give the number, and chance does
    not; `several` if it cannot be decided; `none` if no explanation gives it. `sentence` says so in words.

    `numerator` and `denominator` are noshow's own. `fits` has a row for each explanation that fits, with the rows that
    it adds to and removes from noshow's own figure: `FITS`; explanations of one `family` count the very same rows.
    `tried` is the number of definitions that count different rows, `by_chance` how many of them are expected to fit
    the number by chance.

    With a list, `rows` are those that differ: `ROWS`, `here` and `there` as attended, no-show or not counted,
    `explained_by` null if no explanation that fits explains the row. With sums, `groups` are those: `GROUPS`.
    """

    verdict: Verdict
    sentence: str
    numerator: int
    denominator: int
    fits: pl.DataFrame
    tried: int
    by_chance: float | None = None
    rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ROWS))
    groups: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=GROUPS))

    @property
    def rate(self) -> float | None:
        """Noshow's own rate."""
        return self.numerator / self.denominator if self.denominator else None

    @property
    def explained_rows(self) -> int:
        """Rows that differ and are explained."""
        return self.rows.height - self.unexplained_rows

    @property
    def unexplained_rows(self) -> int:
        """Rows that differ and are not explained."""
        return self.rows["explained_by"].null_count()
