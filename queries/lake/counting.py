"""A lake's rows on any engine, and groupings, go in; one row of counts a group comes out as a Polars frame.

The counts are narwhals expressions: Polars, DuckDB and Spark run them unchanged, each where its data is. Only columns
that are stored are used, and sums and maxima of them, since engines differ on weekdays, zones, ranks and distinct
counts of nulls. What comes back is as small as the number of groups.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from queries.gathered import Period
from queries.measures.groupings import Grouping

if TYPE_CHECKING:
    import narwhals as nw

_MARKED = ("attended", "not_attended")
_NAMES = ("service", "local_start", "location", "staff")
_WHOLE = "whole"
# Of the counts, in the order of `no_show_counts`, those that are sums over the rows.
SUMS = (
    "bookings",
    "marked_bookings",
    "attended_bookings",
    "no_shows",
    "unmarked_bookings",
    "partial_no_shows",
    "booked",
    "booked_marked",
    "absent",
    "walk_ins",
    "booked_squared",
    "cancelled_bookings",
    "early_cancelled",
    "late_cancelled",
    "business_cancelled",
    "unknown_cancelled",
    "doubtful_defaults",
)
_MONEY = ("value_e4", "priced")


def lake_counts(
    rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], as_of: dt.datetime, period: Period | None = None
) -> pl.DataFrame:
    """Counts of each group as of an aware moment: the columns and rows of `queries.measures.counts.counts`.

    `rows` are those of a lake (`queries.lake.columns.COLUMNS`); `period` bounds the local date of sessions.
    """
    import narwhals as nw

    keys = [grouping.columns[0] for grouping in groupings] or [_WHOLE]
    due = rows.filter(nw.col("due_at_epoch") <= int(as_of.timestamp()), nw.col("place").is_in(["confirmed", "cancelled"]))
    if period:
        due = due.filter(nw.col("day") >= nw.lit(period.first), nw.col("day") <= nw.lit(period.last))
    named = [nw.col(name).alias(f"{name}_name") for name in _NAMES]
    session = [nw.col("session_id").alias("of_session")]
    whole = [nw.lit(1).alias(_WHOLE)] if not groupings else []
    tallied = due.with_columns(*_tallies(nw), *named, *session, *whole)
    by_session = tallied.group_by(*keys, "of_session").agg(*_summed(nw), *_named(nw))
    known = ~nw.col("of_session").is_null()
    sessions = [
        _one_where(nw, known & (nw.col("bookings_sum") > 0)).alias("sessions"),
        _one_where(nw, known & (nw.col("unmarked_bookings_sum") > 0)).alias("sessions_unmarked"),
    ]
    merged = by_session.with_columns(*sessions).group_by(*keys).agg(*_merged(nw), *_named_again(nw))
    return _finished(merged.collect("polars").to_native(), groupings)


def _tallies(nw: Any) -> list[Any]:
    """A whole number, never null, for each row and sum."""
    outcome, cancellation, booked = nw.col("outcome"), nw.col("cancellation"), nw.col("booked")
    marked = outcome.is_in(list(_MARKED))
    cases = {
        "bookings": ~outcome.is_null(),
        "marked_bookings": marked,
        "attended_bookings": outcome == "attended",
        "no_shows": outcome == "not_attended",
        "unmarked_bookings": outcome == "unmarked",
        "partial_no_shows": nw.col("is_partial"),
        "cancelled_bookings": ~cancellation.is_null(),
        "early_cancelled": cancellation == "early",
        "late_cancelled": cancellation == "late",
        "business_cancelled": cancellation == "business",
        "unknown_cancelled": cancellation == "unknown",
        "doubtful_defaults": nw.col("is_doubtful_default"),
        "priced": ~nw.col("price_e4").is_null() & ~nw.col("absent").is_null(),
    }
    amounts = {
        "booked": (~outcome.is_null(), booked),
        "booked_marked": (marked, booked),
        "booked_squared": (marked, booked * booked),
        "absent": (~nw.col("absent").is_null(), nw.col("absent")),
        "walk_ins": (~nw.col("walk_ins").is_null(), nw.col("walk_ins")),
        "value_e4": (cases["priced"], nw.col("absent") * nw.col("price_e4")),
    }
    ones = [_one_where(nw, case).alias(f"{name}_of") for name, case in cases.items()]
    return ones + [nw.when(case).then(value).otherwise(nw.lit(0)).alias(f"{name}_of") for name, (case, value) in amounts.items()]


def _one_where(nw: Any, case: Any) -> Any:
    return nw.when(case).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)


def _summed(nw: Any) -> list[Any]:
    return [nw.col(f"{name}_of").sum().alias(f"{name}_sum") for name in (*SUMS, *_MONEY)]


def _named(nw: Any) -> list[Any]:
    """Of several names the last in the alphabet; the first and last currency tell whether there is just one."""
    names = [nw.col(f"{name}_name").max().alias(f"{name}_last") for name in _NAMES]
    currency = nw.col("currency")
    return [*names, currency.min().alias("currency_first"), currency.max().alias("currency_last")]


def _merged(nw: Any) -> list[Any]:
    sums = [nw.col(f"{name}_sum").sum().alias(name) for name in (*SUMS, *_MONEY)]
    return [*sums, nw.col("sessions").sum().alias("n_sessions"), nw.col("sessions_unmarked").sum().alias("n_unmarked")]


def _named_again(nw: Any) -> list[Any]:
    names = [nw.col(f"{name}_last").max().alias(f"{name}_shown") for name in _NAMES]
    first, last = nw.col("currency_first").min(), nw.col("currency_last").max()
    return [*names, first.alias("currency_from"), last.alias("currency_to")]


def _finished(merged: pl.DataFrame, groupings: Sequence[Grouping]) -> pl.DataFrame:
    """The columns of `counts`, in order and of their types, from what an engine gave."""
    keys = [pl.col(grouping.columns[0]) for grouping in groupings]
    labels = [_LABELS[grouping.name].alias(grouping.name) for grouping in groupings if grouping.label]
    whole = [pl.col(name).cast(pl.Int64) for name in SUMS]
    unknown = (pl.col("unknown_cancelled") > 0) & (pl.col("early_cancelled") + pl.col("late_cancelled") == 0)
    one_currency = pl.col("currency_from").eq_missing(pl.col("currency_to"))
    value = (pl.col("value_e4").cast(pl.Int64).cast(pl.Decimal(38, 4)) / 10_000).cast(pl.Decimal(38, 4))
    frame = merged.select(
        *keys,
        *labels,
        *whole,
        sessions=pl.col("n_sessions").cast(pl.Int64),
        sessions_unmarked=pl.col("n_unmarked").cast(pl.Int64),
        value_absent=pl.when(one_currency & (pl.col("priced") > 0)).then(value),
    ).with_columns(late_cancelled=pl.when(unknown).then(None).otherwise("late_cancelled"))
    columns = [column for grouping in groupings for column in grouping.columns]
    return frame.select(*columns, *SUMS, "sessions", "sessions_unmarked", "value_absent")


def _local(format: str) -> pl.Expr:
    return pl.col("local_start_shown").str.to_datetime("%Y-%m-%d %H:%M").dt.strftime(format)


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str(*parts, separator=", ", ignore_nulls=True)


_SERVICE, _LOCATION, _STAFF = (pl.col(f"{name}_shown") for name in ("service", "location", "staff"))
# As the labels of `GROUPINGS` say it in SQL.
_LABELS = {
    "session": _joined(_SERVICE, _local("%a %Y-%m-%d %H:%M"), _LOCATION),
    "series": _joined(_SERVICE, _local("%a %H:%M"), _LOCATION, _STAFF),
    "service": _SERVICE,
    "staff": _STAFF,
    "location": _LOCATION,
}
