"""Count the rows of a lake on any engine (narwhals) as `queries.measures.counts` counts those of a database.

`rows_that_count`, `summed` and `sessions` are the same for a Polars frame, a DuckDB relation and a Spark DataFrame;
`finished` works on the few rows of the result, in Polars. The only operations are those on which all engines agree:
stored columns, sums of Int64, least and greatest, numbers of rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from queries.errors import UsageError
from queries.lake.columns import FIRST_BOOKING, is_in_lake, key_column
from queries.language.filters import Node, fields_in
from queries.model.attributes import attribute_named
from queries.model.groupings import MIDNIGHT, Grouping
from queries.model.meanings import COUNTS

_MONEY = pl.Decimal(38, 4)
_OUTCOME, _CANCELLATION = nw.col("outcome"), nw.col("cancellation")
_DUE = ~_OUTCOME.is_null()
_MARKED = nw.col("is_marked")
_RATED = nw.col("is_rated")
_MISSED = nw.col("is_missed")
_CONTACT = nw.col(FIRST_BOOKING)
_EXCUSED = _OUTCOME == "excused"
_REGISTER = nw.col("marks") == "both"
_BOOKED = nw.col("booked").cast(nw.Int64)
_WEIGHT = nw.col("weight").cast(nw.Int64)


def weight_of(condition: nw.Expr, value: nw.Expr | None = None) -> nw.Expr:
    """The bookings of the rows that meet a condition, or a value summed over their bookings."""
    summand = _WEIGHT if value is None else value.cast(nw.Int64) * _WEIGHT
    return nw.when(condition).then(summand).otherwise(nw.lit(0, nw.Int64)).sum().cast(nw.Int64)


# Of each session or contact, once rows are grouped by it.
_PER_RATED, _PER_MISSED = nw.col("rated"), nw.col("missed")
_TOP = 3
# Above any number of bookings of one contact: orders by no-shows first.
_FAR = 2**32


def _rows(condition: nw.Expr) -> nw.Expr:
    """The number of rows that meet a condition."""
    return nw.when(condition).then(nw.lit(1, nw.Int64)).otherwise(nw.lit(0, nw.Int64)).sum().cast(nw.Int64)


# `currency_first` and `currency_last` say whether `value_absent` is in one currency.
_SUMS: dict[str, nw.Expr] = {
    "bookings": weight_of(_DUE),
    "marked_bookings": weight_of(_MARKED),
    "attended_bookings": weight_of(_OUTCOME == "attended"),
    "no_shows": weight_of(_OUTCOME == "not_attended"),
    "unmarked_bookings": weight_of(_OUTCOME == "unmarked"),
    "presumed_attended": weight_of(_OUTCOME == "presumed_attended"),
    "presumed_missed": weight_of(_OUTCOME == "presumed_missed"),
    "excused": weight_of(_EXCUSED),
    "rated_bookings": weight_of(_RATED),
    "missed_bookings": weight_of(_MISSED),
    "unknown_rated": weight_of(_RATED & _CONTACT.is_null()),
    "unknown_missed": weight_of(_MISSED & _CONTACT.is_null()),
    "register_marked": weight_of(_REGISTER & (_MARKED | _EXCUSED)),
    "register_no_shows": weight_of(_REGISTER & (_OUTCOME == "not_attended")),
    "register_excused": weight_of(_REGISTER & _EXCUSED),
    "partial_no_shows": weight_of(nw.col("is_partial")),
    "booked": weight_of(_DUE, _BOOKED),
    "booked_marked": weight_of(_RATED, _BOOKED),
    "absent": weight_of(~nw.col("absent").is_null(), nw.col("absent")),
    "walk_ins": weight_of(~nw.col("walk_ins").is_null(), nw.col("walk_ins")),
    "booked_squared": weight_of(_RATED, _BOOKED * _BOOKED),
    "cancelled_bookings": weight_of(~_CANCELLATION.is_null()),
    "early_cancelled": weight_of(_CANCELLATION == "early"),
    "late_cancelled": weight_of(_CANCELLATION == "late"),
    "business_cancelled": weight_of(_CANCELLATION == "business"),
    "unknown_cancelled": weight_of(_CANCELLATION == "unknown"),
    "doubtful_defaults": weight_of(nw.col("is_doubtful_default")),
    "value_absent": nw.col("absent_value").sum(),
    "priced": _rows(~nw.col("absent_value").is_null()),
    "currency_first": nw.col("currency").min(),
    "currency_last": nw.col("currency").max(),
}


# The sums that clusters need of all bookings.
CLUSTERED = ("rated_bookings", "missed_bookings", "unknown_rated", "unknown_missed")


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
    keys = grouped_keys(groupings, part)
    named = [
        nw.col(name).max().alias(f"label_{at}_{name}")
        for at, grouping in enumerate(groupings)
        for name in grouping.names
    ]
    return rows.with_columns(**keys).group_by(*keys).agg(*named, *sums) if keys else rows.select(*sums)


def sessions(rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None = None) -> nw.LazyFrame[Any]:
    """Count different sessions in each group of rows that count: the keys of `summed`, then `sessions` and two more.

    Rows are grouped by session first, and then counted: engines are far slower at counting distinct values twice.
    """
    keys = grouped_keys(groupings, part)
    unmarked = _rows(_OUTCOME == "unmarked").alias("unmarked")
    booked = rows.filter(_DUE).with_columns(cluster=nw.col("session_id"), **keys)
    each = booked.group_by(*keys, "cluster").agg(unmarked, weight_of(_RATED).alias("rated"))
    numbers = (
        nw.len().cast(nw.Int64).alias("sessions"),
        _rows(nw.col("unmarked") > 0).alias("sessions_unmarked"),
        total(_PER_RATED * _PER_RATED, "session_squares"),
    )
    return each.group_by(*keys).agg(*numbers) if keys else each.select(*numbers)


def contacts(rows: nw.LazyFrame[Any], groupings: Sequence[Grouping], part: Grouping | None = None) -> nw.LazyFrame[Any]:
    """Count by contact in each group of rows that count: the keys of `summed`, then `known_squares` and `top_…`.

    The squares leave out bookings of unknown contacts. Of the three contacts with most no-shows, the one with fewer
    bookings comes first if two have as many.
    """
    # Engines number rows within groups only: without keys all are one group.
    keys = grouped_keys(groupings, part) or {"all_of_them": nw.lit(1)}
    each = _by_contact(rows, keys).with_columns(order=_PER_MISSED * _FAR - _PER_RATED)
    placed = each.with_columns(place=nw.col("order").rank("ordinal", descending=True).over(*keys))
    on_top = (nw.col("place") <= _TOP) & (_PER_MISSED > 0)
    sums = placed.group_by(*keys).agg(
        total(_PER_RATED * _PER_RATED, "known_squares"),
        total(nw.when(on_top).then(_PER_MISSED).otherwise(nw.lit(0, nw.Int64)), "top_missed"),
        total(nw.when(on_top).then(_PER_RATED).otherwise(nw.lit(0, nw.Int64)), "top_rated"),
        total(nw.when(on_top).then(_PER_RATED * _PER_RATED).otherwise(nw.lit(0, nw.Int64)), "top_squares"),
    )
    return sums.drop("all_of_them") if "all_of_them" in keys else sums


def clusters_by_contact(rows: nw.LazyFrame[Any], part: Grouping | None = None) -> nw.LazyFrame[Any]:
    """Sums over the known contacts of rows that count: `part` if given, then contact_squares and two more."""
    return _clusters(_by_contact(rows, grouped_keys((), part)), "contact", part)


def clusters_by_session(rows: nw.LazyFrame[Any], part: Grouping | None = None) -> nw.LazyFrame[Any]:
    """Sums over the sessions of rows that count: `part` if given, then session_squares and two more."""
    keys = grouped_keys((), part)
    rated = rows.filter(_RATED).with_columns(cluster=nw.col("session_id"), **keys)
    each = rated.group_by(*keys, "cluster").agg(weight_of(_RATED).alias("rated"), weight_of(_MISSED).alias("missed"))
    return _clusters(each, "session", part)


def clusters_finished(own: pl.DataFrame, by_contact: pl.DataFrame, by_session: pl.DataFrame) -> pl.DataFrame:
    """The columns of `Gathered.clusters`, from sums (with those of unknown contacts) and the two sums over clusters."""
    has_parts = "part" in own.columns
    together = own
    for sums in (by_contact, by_session):
        together = together.join(sums, on="part", how="left") if has_parts else together.hstack(sums)
    unknown = {"squares": "unknown_rated", "products": "unknown_missed", "missed_squares": "unknown_missed"}
    names = (
        "rated_bookings",
        "missed_bookings",
        *(f"{of}_{name}" for of in ("contact", "session") for name in unknown),
    )
    return (
        together.with_columns(pl.exclude("part").fill_null(0).cast(pl.Int64))
        .with_columns(
            **{f"contact_{name}": pl.col(f"contact_{name}") + pl.col(other) for name, other in unknown.items()}
        )
        .select(*(["part"] if has_parts else []), *names)
    )


def _by_contact(rows: nw.LazyFrame[Any], keys: Mapping[str, nw.Expr]) -> nw.LazyFrame[Any]:
    known = rows.filter(_RATED, ~_CONTACT.is_null()).with_columns(cluster=_CONTACT, **keys)
    return known.group_by(*keys, "cluster").agg(_rows(_RATED).alias("rated"), _rows(_MISSED).alias("missed"))


def _clusters(each: nw.LazyFrame[Any], of: str, part: Grouping | None) -> nw.LazyFrame[Any]:
    sums = (
        total(_PER_RATED * _PER_RATED, f"{of}_squares"),
        total(_PER_RATED * _PER_MISSED, f"{of}_products"),
        total(_PER_MISSED * _PER_MISSED, f"{of}_missed_squares"),
    )
    return each.group_by("part").agg(*sums) if part else each.select(*sums)


def total(value: nw.Expr, name: str) -> nw.Expr:
    """The sum of a whole number, Int64, under a name."""
    return value.sum().cast(nw.Int64).alias(name)


def grouped_keys(groupings: Sequence[Grouping], part: Grouping | None) -> dict[str, nw.Expr]:
    """The keys key_0, key_1, … of the groupings, then that of the part. Raises `UsageError` for who booked."""
    require_in_lake(*groupings, *([part] if part else []))
    keys = {f"key_{at}": nw.col(key_column(grouping)) for at, grouping in enumerate(groupings)}
    return keys | ({"part": part_key(part)} if part else {})


def part_key(part: Grouping) -> nw.Expr:
    """The key of the part of the business that a row belongs to, as text."""
    return nw.coalesce(nw.col(key_column(part)).cast(nw.String), nw.lit(""))


def finished(
    sums: pl.DataFrame, sessions: pl.DataFrame, contacts: pl.DataFrame, groupings: Sequence[Grouping]
) -> pl.DataFrame:
    """The counts of each group, from all its sums, its sessions and its contacts, in the order of the sums.

    Columns: `part` if the sums have it, then the group columns, then those of `no_show_counts`.
    """
    keys = [name for name in sums.columns if name == "part" or name.startswith("key_")]
    if keys:
        together = sums.join(sessions, on=keys, how="left", nulls_equal=True)
        together = together.join(contacts, on=keys, how="left", nulls_equal=True)
    else:
        # If no contact is known, their frame has no row instead of one.
        together = sums.hstack(sessions).hstack(contacts if contacts.height else contacts.clear(1))
    together = together.with_columns(
        contact_squares=pl.col("unknown_rated") + pl.col("known_squares").fill_null(0).cast(pl.Int64)
    )
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
        starts = parts["local_start"].dt.strftime(grouping.time_format)
        parts["local_start"] = starts.str.replace(MIDNIGHT, "", literal=True)
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
