"""The no-show rate under the definitions that others use, from one row of counts. Pure."""

from __future__ import annotations

import polars as pl

# Key, definition in words, numerator, denominator: sums of columns of the counts.
DEFINITIONS = (
    ("headline", "of marked bookings: the definition of this report", ("missed_bookings",), ("rated_bookings",)),
    ("of_all_due", "of all past bookings", ("missed_bookings",), ("bookings",)),
    ("participants", "of booked participants, parties in part too", ("absent",), ("booked_marked",)),
    (
        "with_late_cancels",
        "late cancellations counted as no-shows",
        ("missed_bookings", "late_cancelled"),
        ("rated_bookings", "late_cancelled"),
    ),
    (
        "unmarked_as_missed",
        "unmarked taken as missed",
        # Bookings that are presumed to have come have no mark that says so.
        ("missed_bookings", "presumed_attended", "unmarked_bookings"),
        ("rated_bookings", "unmarked_bookings"),
    ),
    (
        "unmarked_as_shown",
        "unmarked taken as shown",
        # Without those presumed missed, which are unmarked too.
        ("no_shows",),
        ("rated_bookings", "unmarked_bookings"),
    ),
)

# Other words for a definition if outcomes are presumed, since a source records one side only.
_PRESUMED = {"headline": "of marked and presumed bookings: the definition of this report"}


def alternatives(counts: pl.DataFrame) -> pl.DataFrame:
    """The rate under each definition: definition, meaning, numerator and denominator (Int64), rate (Float64).

    The rate is null if a count is not known (late cancellations without cancel times) or the denominator is 0.
    """
    row = counts.row(0, named=True)
    presumed = (row["presumed_attended"] or 0) + (row["presumed_missed"] or 0) > 0
    rows = [
        (key, _PRESUMED.get(key, meaning) if presumed else meaning, _sum(row, part), _sum(row, whole))
        for key, meaning, part, whole in DEFINITIONS
    ]
    frame = pl.DataFrame(
        rows,
        schema={"definition": pl.String, "meaning": pl.String, "numerator": pl.Int64, "denominator": pl.Int64},
        orient="row",
    )
    return frame.with_columns(rate=pl.when(pl.col("denominator") > 0).then(pl.col("numerator") / pl.col("denominator")))


def _sum(row: dict[str, int | None], columns: tuple[str, ...]) -> int | None:
    values = [row[column] for column in columns]
    return None if None in values else sum(value for value in values if value is not None)
