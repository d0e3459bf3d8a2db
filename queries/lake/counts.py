"""Count the rows of a lake on any engine (narwhals) as `queries.measures.counts` counts those of a database.

`rows_that_count`, `summed` and `sessions` are the same for a Polars frame, a DuckDB relation and a Spark DataFrame;
`finished` works on the few rows of the result, in Polars. The only operations are those on which all engines agree:
stored columns, sums of Int64, least and greatest, numbers of rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from queries.errors import UsageError
from queries.lake.columns import is_in_lake, key_column
from queries.language.filters import Node, fields_in
from queries.model.attributes import attribute_named
from queries.model.groupings import Grouping
from queries.model.meanings import COUNTS

_MONEY = pl.Decimal(38, 4)
_OUTCOME, _CANCELLATION = nw.col("outcome"), nw.col("cancellation")
_DUE = ~_OUTCOME.is_null()
_MARKED = nw.col("is_marked")
_RATED = nw.col("is_rated")
_EXCUSED = _OUTCOME == "excused"
_REGISTER = nw.col("marks") == "both"
_BOOKED = nw.col("booked").cast(nw.Int64)
_WEIGHT = nw.col("weight").cast(nw.Int64)


def _sum(condition: nw.Expr, value: nw.Expr | None = None) -> nw.Expr:
    """The bookings of the rows that meet a condition, or a value summed over their bookings."""
    summand = _WEIGHT if value is None else value.cast(nw.Int64) * _WEIGHT
    return nw.when(condition).then(summand).otherwise(nw.lit(0, nw.Int64)).sum().cast(nw.Int64)


def _rows(condition: nw.Expr) -> nw.Expr:
    """The number of rows that meet a condition."""
    return nw.when(condition).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64)).sum().cast(nw.Int64)


# `currency_first` and `currency_last` say whether `value_absent` is in one currency.
_SUMS: dict[str, nw.Expr] = {
    "bookings": _sum(_DUE),
    "marked_bookings": _sum(_MARKED),
    "attended_bookings": _sum(_OUTCOME == "attended"),
    "no_shows": _sum(_OUTCOME == "not_attended"),
    "unmarked_bookings": _sum(_OUTCOME == "unmarked"),
    "presumed_attended": _sum(_OUTCOME == "presumed_attended"),
    "presumed_missed": _sum(_OUTCOME == "presumed_missed"),
    "excused": _sum(_EXCUSED),
    "rated_bookings": _sum(_RATED),
    "missed_bookings": _sum(nw.col("is_missed")),
    "register_marked": _sum(_REGISTER & (_MARKED | _EXCUSED)),
    "register_no_shows": _sum(_REGISTER & (_OUTCOME == "not_attended")),
    "register_excused": _sum(_REGISTER & _EXCUSED),
    "partial_no_shows": _sum(nw.col("is_partial")),
    "booked": _sum(_DUE, _BOOKED),
    "booked_marked": _sum(_RATED, _BOOKED),
    "absent": _sum(~nw.col("absent").is_null(), nw.col("absent")),
    "walk_ins": _sum(~nw.col("walk_ins").is_null(), nw.col("walk_ins")),
    "booked_squared": _sum(_RATED, _BOOKED * _BOOKED),
    "cancelled_bookings": _sum(~_CANCELLATION.is_null()),
    "early_cancelled": _sum(_CANCELLATION == "early"),
    "late_cancelled": _sum(_CANCELLATION == "late"),
    "business_cancelled": _sum(_CANCELLATION == "business"),
    "unknown_cancelled": _sum(_CANCELLATION == "unknown"),
    "doubtful_defaults": _sum(nw.col("is_doubtful_default")),
    "value_absent": nw.col("absent_value").sum(),
    "priced": _rows(~nw.col("absent_value").is_null()),
    "currency_first": nw.col("currency").min(),
    "currency_last": nw.col("currency").max(),
}


def rows_that_count(rows: nw.LazyFrame[Any], as_of: dt.datetime) -> nw.LazyFrame[Any]:
    """The rows that counts are taken from, as in `counted_at`: due at an aware moment, confirmed or cancelled."""
    return rows.filter(nw.col("is_counted"), nw.col("due_at") <= nw.lit(as_of))


def summed(
    rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None = None, only: Collection[str] = _SUMS
) -> nw.LazyFrame[Any]:
    """Sums of each group of rows that count: key_0, label_0_service, key_1, …, then all sums, or `only` those named.

    With `part`, a grouping, its key as text comes first as `part`.
    """
    sums = [_SUMS[name].alias(name) for name in only]
    keys = _keys(groupings, part)
    named = [
        nw.col(name).max().alias(f"label_{at}_{name}")
        for at, grouping in enumerate(groupings)
        for name in grouping.names
    ]
    return rows.with_columns(**keys).group_by(*keys).agg(*named, *sums) if keys else rows.select(*sums)


def sessions(rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None = None) -> nw.LazyFrame[Any]:
    """Count different sessions in each group of rows that count: the keys of `summed`, sessions, sessions_unmarked.

    Rows are grouped by session first, and then counted: engines are far slower at counting distinct values twice.
    """
    keys = _keys(groupings, part)
    unmarked = _rows(_OUTCOME == "unmarked").alias("unmarked")
    booked = rows.filter(_DUE).with_columns(session_key=nw.col("session_id"), **keys)
    each = booked.group_by(*keys, "session_key").agg(unmarked)
    numbers = (nw.len().cast(nw.Int64).alias("sessions"), _rows(nw.col("unmarked") > 0).alias("sessions_unmarked"))
    return each.group_by(*keys).agg(*numbers) if keys else each.select(*numbers)


def _keys(groupings: Sequence[Grouping], part: Grouping | None) -> dict[str, nw.Expr]:
    require_in_lake(*groupings, *([part] if part else []))
    keys = {f"key_{at}": nw.col(key_column(grouping)) for at, grouping in enumerate(groupings)}
    return keys | ({"part": part_key(part)} if part else {})


def part_key(part: Grouping) -> nw.Expr:
    """The key of the part of the business that a row belongs to, as text."""
    return nw.coalesce(nw.col(key_column(part)).cast(nw.String), nw.lit(""))


def finished(sums: pl.DataFrame, sessions: pl.DataFrame, groupings: Sequence[Grouping]) -> pl.DataFrame:
    """The counts of each group, from all its sums and its sessions, in the order of the sums.

    Columns: `part` if the sums have it, then the group columns, then those of `no_show_counts`.
    """
    keys = [name for name in sums.columns if name == "part" or name.startswith("key_")]
    together = sums.join(sessions, on=keys, how="left", nulls_equal=True) if keys else sums.hstack(sessions)
    whole = pl.col([name for name in COUNTS if name != "value_absent"])
    unknown_time = (pl.col("unknown_cancelled") > 0) & (pl.col("early_cancelled") + pl.col("late_cancelled") == 0)
    one_currency = pl.col("currency_first").eq_missing(pl.col("currency_last"))
    frame = together.with_columns(whole.fill_null(0).cast(pl.Int64)).with_columns(
        late_cancelled=pl.when(~unknown_time).then("late_cancelled"),
        value_absent=pl.when(one_currency & (pl.col("priced") > 0)).then(pl.col("value_absent").cast(_MONEY)),
    )
    return frame.select(*(["part"] if "part" in keys else []), *_group_columns(groupings), *COUNTS)


def _group_columns(groupings: Sequence[Grouping]) -> list[pl.Expr]:
    """The group columns in the order of `counts_sql`: for each grouping its key, then its name."""
    keys = [pl.col(f"key_{at}").alias(grouping.columns[0]) for at, grouping in enumerate(groupings)]
    labels = [_label(at, grouping).alias(grouping.name) for at, grouping in enumerate(groupings) if grouping.names]
    order = [column for grouping in groupings for column in grouping.columns]
    by_name = {expression.meta.output_name(): expression for expression in (*keys, *labels)}
    return [by_name[column] for column in order]


def _label(at: int, grouping: Grouping) -> pl.Expr:
    """The readable name of a group, put together as `Grouping.label` does."""
    parts = {name: pl.col(f"label_{at}_{name}") for name in grouping.names}
    if "local_start" in parts:
        parts["local_start"] = parts["local_start"].dt.strftime(grouping.time_format)
    return (
        pl.concat_str(*parts.values(), separator=", ", ignore_nulls=True)
        if len(parts) > 1
        else next(iter(parts.values()))
    )


def require_attributes(known: Collection[str], node: Node, *groupings: Grouping) -> None:
    """Raise `UsageError` for an attribute in a filter or grouping that is not among those known."""
    asked = [grouping.name for grouping in groupings if attribute_named(grouping.name)]
    asked += [field.column for field in fields_in(node) if field.type == "attribute"]
    for name in asked:
        if attribute_named(name) not in known:
            raise UsageError(
                "lake.attribute", f"no booking of the lake has {name}", f"Attributes: {', '.join(known) or 'none'}"
            )


def require_in_lake(*groupings: Grouping) -> None:
    """Raise `UsageError` for a grouping by who booked."""
    if not all(is_in_lake(grouping.key) for grouping in groupings):
        raise UsageError(
            "lake.personal", "a lake does not say who booked", "Ask the database by participant, without --lake"
        )
