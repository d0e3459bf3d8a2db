"""The rows of the fact as cells: rows that no explanation distinguishes are one cell with their number.

A business of a million bookings has a few thousand cells, so that thousands of definitions can be tried on them, and
every count is exact. If the rows of another system's list are compared, the rows stay beside the cells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import polars as pl

from queries.database import frame_of, site
from queries.language.filters import Node
from queries.moments import naive_utc
from queries.reconciling.explanations import Explanation
from queries.statements import Column, cells_of_rows_sql, counted_rows_sql

Flags = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]
# Of the values of a column, such as members of staff, so many are tried, those of most rows.
MOST_VALUES = 24
# The parts of an explanation that are conditions over a row.
_CONDITIONS = ("missed", "counted", "came", "dropped")
_OWN = ("is_rated", "is_missed", "weight", "booked", "known_absent", "in_period", "is_due")
_FILES = "select load_id, file from load_ledger"
_ZONES = (
    "select time_zone from (select time_zone from session union select time_zone from booking) "
    "where time_zone is not null order by all"
)


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that noshow's own figure is taken from: a filter, a moment, and the local dates of sessions."""

    node: Node
    as_of: dt.datetime
    dates: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True, slots=True)
class Buckets:
    """The groups of another system's sums: a `column` of the fact, or periods of a `unit` (day, week, month).

    Weeks begin `shift` days before Monday.
    """

    column: str = ""
    unit: str = ""
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Effect:
    """The changes that an explanation makes to each cell; None if it makes none."""

    explanation: Explanation
    flags: Mapping[str, Flags] = field(default_factory=dict)
    in_period: Flags | None = None
    is_due: Flags | None = None
    bucket: pl.Series | None = None
    more: Numbers | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells with their number of rows and the columns of noshow's own definition, and the effects on them.

    `frame` has a row for each cell; `keys` are the columns that make a cell.
    """

    frame: pl.DataFrame
    keys: tuple[str, ...]
    effects: tuple[Effect, ...]

    def flags(self, name: str) -> Flags:
        """A column of conditions."""
        return self.frame[name].to_numpy().astype(np.bool_)

    def numbers(self, name: str) -> Numbers:
        """A column of whole numbers."""
        return self.frame[name].to_numpy().astype(np.int64)


@dataclass(frozen=True, slots=True)
class Plan:
    """The columns to read for explanations, before any row is read."""

    explanations: tuple[Explanation, ...]
    columns: tuple[Column, ...]
    labels: tuple[str, ...]
    files: Mapping[int, str]

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns that make a cell."""
        return (*_OWN, *(column.name for column in self.columns if column.name not in _OWN), *self.labels)


def plan_of(
    con: duckdb.DuckDBPyConnection, explanations: Sequence[Explanation], scope: Scope, buckets: Buckets | None = None
) -> Plan:
    """The columns that explanations need, those with a time zone written out for each zone."""
    zones = [zone for (zone,) in con.execute(_ZONES).fetchall()]
    every = tuple(_with_zones(explanations, [site(con).time_zone, *zones]))
    columns = [*_own_columns(scope), *_bucket("bucket", "local_date", buckets)]
    for number, each in enumerate(every):
        columns += _columns_of(each, number, scope, buckets)
    labels = tuple(dict.fromkeys(each.each for each in every if each.each))
    files = {int(load): str(file) for load, file in con.execute(_FILES).fetchall()}
    return Plan(every, tuple(columns), labels, files)


def read_cells(con: duckdb.DuckDBPyConnection, plan: Plan, scope: Scope) -> Cells:
    """The cells of all rows, counted by the database."""
    text, parameters = counted_rows_sql(scope.node, naive_utc(scope.as_of), plan.columns)
    return cells_of(frame_of(con, cells_of_rows_sql(text, plan.keys), parameters), plan)


def read_rows(con: duckdb.DuckDBPyConnection, plan: Plan, scope: Scope) -> pl.DataFrame:
    """Every row with the columns of the plan, beside those of the fact."""
    text, parameters = counted_rows_sql(scope.node, naive_utc(scope.as_of), plan.columns)
    return frame_of(con, text, parameters)


def cells_of(counted: pl.DataFrame, plan: Plan, also: Sequence[str] = ()) -> Cells:
    """The cells of rows, or of rows that the database counted as `n`, by their keys and by the columns `also`."""
    keys = (*plan.keys, *also)
    merged = with_common_values(counted if "n" in counted.columns else counted.with_columns(n=pl.lit(1)), plan)
    frame = merged.group_by(keys, maintain_order=True).agg(pl.col("n").sum().cast(pl.Int64))
    return Cells(frame, keys, tuple(_effects(frame, plan)))


def with_common_values(counted: pl.DataFrame, plan: Plan) -> pl.DataFrame:
    """The rows with null in place of values that are not among those of most rows, and are not tried."""
    for label in plan.labels:
        most = counted.drop_nulls(label).group_by(label).agg(pl.col("n").sum()).sort("n", label, descending=True)
        if most.height > MOST_VALUES:
            kept = most[label].head(MOST_VALUES)
            counted = counted.with_columns(pl.when(pl.col(label).is_in(kept.implode())).then(pl.col(label)))
    return counted


def _own_columns(scope: Scope) -> list[Column]:
    return [
        Column("in_period", "local_date", "within", within=scope.dates),
        Column("is_due", "due_at <= as_of"),
        Column("known_absent", "absent", "number"),
    ]


def _columns_of(each: Explanation, number: int, scope: Scope, buckets: Buckets | None) -> list[Column]:
    columns = [Column(f"{part}_{number}", getattr(each, part)) for part in (*_CONDITIONS, "due") if getattr(each, part)]
    if each.more:
        columns.append(Column(f"more_{number}", each.more, "number"))
    if each.date or each.last_day:
        date, zone = each.date or "local_date", each.value if each.each_zone else None
        within = (scope.dates[0], scope.dates[1] + dt.timedelta(days=each.last_day)) if scope.dates else None
        columns.append(Column(f"period_{number}", date, "within", zone, within))
        columns += _bucket(f"bucket_{number}", date, buckets, zone)
    return columns


def _bucket(name: str, date: str, buckets: Buckets | None, zone: str | None = None) -> list[Column]:
    if not buckets:
        return []
    if buckets.column:
        # Every value of the column, also of those that are too many to be tried.
        return [Column(name, buckets.column, "value")] if name == "bucket" else []
    return [Column(name, date, "bucket", zone, bucket=buckets.unit, shift=buckets.shift)]


def _with_zones(explanations: Iterable[Explanation], zones: Sequence[str]) -> Iterable[Explanation]:
    for each in explanations:
        yield from map(each.of, dict.fromkeys((*zones, *each.zones))) if each.each_zone else (each,)


def _effects(frame: pl.DataFrame, plan: Plan) -> Iterable[Effect]:
    for number, each in enumerate(plan.explanations):
        if each.each:
            yield from _effects_of_values(frame, each, plan.files)
        else:
            yield _effect(frame, each, number)


def _effect(frame: pl.DataFrame, each: Explanation, number: int) -> Effect:
    def column(part: str) -> Any:
        name = f"{part}_{number}"
        return frame[name].to_numpy() if name in frame.columns else None

    flags = {part: found for part in _CONDITIONS if (found := column(part)) is not None}
    bucket = frame[name] if (name := f"bucket_{number}") in frame.columns else None
    return Effect(each, flags, column("period"), column("due"), bucket, column("more"))


def _effects_of_values(frame: pl.DataFrame, each: Explanation, files: Mapping[int, str]) -> Iterable[Effect]:
    for value in frame[each.each].drop_nulls().unique().sort():
        shown = f"{files.get(value, '?')} (load {value})" if each.each.endswith("_load") else str(value)
        dropped = (frame[each.each] == value).fill_null(False).to_numpy()
        yield Effect(each.of(shown), {"dropped": dropped})
