"""Gather the rows of a lake for a report, as `queries.gathered` gathers those of a database.

The engine does the counting. Measures that list rows, such as registers and sessions, run on DuckDB over the lake's
files, so they exist only with the engines of this machine; `left_out` names the sections that a report cannot have.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from queries.gathered import FACTS, OVERLAPS, Gathered, Period
from queries.lake.columns import ADDED, FIRST_BOOKING, GUIDS, INSTANTS, attribute_column
from queries.lake.conditions import condition
from queries.lake.counts import part_key, require_attributes, require_in_lake, rows_that_count
from queries.lake.engines import OpenLake
from queries.lake.overlaps import after_the_middle, by_halves, first_and_last, in_stretch, sides
from queries.lake.weeks import weeks_of
from queries.language.filters import EVERYTHING, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.model.families import FAMILIES, FOLLOWED
from queries.model.groupings import GROUPINGS, Grouping, groupings_named
from queries.model.stretches import SIDES, Stretches
from queries.moments import as_of_instant, naive_utc
from queries.statements import lake_roster_sql, roster_sql, with_values
from queries.views import MEASURES, view_sql

# Measures that no lake has, since they need who booked or seats nobody booked -> the sections of a report they make.
_IN_NO_LAKE = {
    "repeat_no_shows": "participants",
    "occupancy": "offers",
    "concentration": "concentration",
    "sessions_ahead": "week_ahead",
    "week_ahead": "week_ahead",
    "money": "money",
    "money_contradictions": "money",
}
# Measures that need DuckDB -> the sections of a report they make.
_ROWS = {
    "cells": "factors",
    "registers": "registers",
    "silent_markers": "registers",
    "one_click_registers": "registers",
    "sessions": "sessions",
    "course_numbers": "courses",
    "enrolments": "courses",
    "empty_seats": "worth",
}
# A lake has no records either, such as quarantined ones, but the rows that they became; and no lists of calls.
_ALWAYS_LEFT_OUT = frozenset({*_IN_NO_LAKE.values(), "records", "calls"})


def left_out(engine: str) -> frozenset[str]:
    """The sections that a report from a lake on that engine cannot have."""
    return _ALWAYS_LEFT_OUT | (frozenset({*_ROWS.values()}) if engine == "spark" else frozenset())


@dataclass(frozen=True, slots=True)
class LakeGathered(Gathered):
    """The rows of a lake that pass a filter, as `rows` on the engine of `opened`."""

    opened: OpenLake
    rows: nw.LazyFrame[Any]

    def counts(self, *groupings: str) -> pl.DataFrame:
        """Counts by groupings: `part`, the group columns, then those of `no_show_counts`."""
        named = groupings_named(groupings)
        require_attributes(self.opened.lake.attributes, EVERYTHING, *named)
        frame = self.opened.counts(rows_that_count(self.rows, self.as_of), named, self.split)
        return frame if self.split else self._with_part(frame, frame)

    def clusters(self, of_parts: bool = True) -> pl.DataFrame:
        """The sums that clustering is estimated from, of each part or of all: `part`, then those of `clusters_of`."""
        split = self.split if of_parts else None
        frame = self.opened.clusters(rows_that_count(self.rows, self.as_of), split)
        return frame if split else frame.insert_column(0, pl.Series("part", [None] * frame.height, pl.String))

    def measure(self, name: str) -> pl.DataFrame:
        """The frame of a measure; without rows, and with no column but `part`, if the lake does not have it."""
        if name in _BY_ENGINE:
            return _BY_ENGINE[name](self)
        if name in _IN_NO_LAKE or (name in _ROWS and self.opened.engine == "spark"):
            return pl.DataFrame(schema={"part": pl.String})
        # `super()` alone would fail: `slots=True` makes a new class, and the method knows only the old one.
        return super(LakeGathered, self).measure(name)

    def _with_part(self, frame: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
        part = sums["part"] if self.split else pl.Series("part", [None] * frame.height, pl.String)
        return frame.insert_column(0, part)

    def weeks(self) -> pl.DataFrame:
        """The measure `weeks`: bookings, rated bookings and no-shows by week of each group that a report follows."""
        return pl.concat([self._family(name) for name in FOLLOWED], how="diagonal_relaxed")

    def _family(self, family: str) -> pl.DataFrame:
        frame = weeks_of(self.opened, rows_that_count(self.rows, self.as_of), family, self.split)
        named = frame.drop("part", strict=False).with_columns(family=pl.lit(family))
        return self._with_part(named, frame)

    def halves(self) -> pl.DataFrame:
        """The measure `halves`: how often contacts book in each half of the weeks, over all and by group."""
        rows = rows_that_count(self.rows, self.as_of)
        after = after_the_middle(self.opened.collect(first_and_last(rows, self.split)))
        found = []
        for family in (None, *FAMILIES):
            groupings = [GROUPINGS[family]] if family else []
            sums = self.opened.collect(by_halves(rows, after, groupings, self.split))
            named = {f"key_{at}": grouping.columns[0] for at, grouping in enumerate(groupings)}
            frame = sums.rename(named).select(*named.values(), *SIDES)
            found.append(self._with_part(frame.with_columns(family=pl.lit(family, pl.String)), sums))
        return pl.concat(found, how="diagonal_relaxed")

    def overlaps(self, stretches: Mapping[str, Stretches]) -> pl.DataFrame:
        """How often contacts book on both sides of each comparison: `part`, `comparison`, then `SIDES`, Int64."""
        rows = rows_that_count(self.rows, self.as_of)
        found = [pl.DataFrame(schema=OVERLAPS)]
        for name, each in stretches.items():
            sums = self.opened.collect(
                sides(rows, in_stretch(each, each.before), in_stretch(each, each.after), (), self.split)
            )
            frame = sums.select(*SIDES).insert_column(0, pl.Series("comparison", [name] * sums.height, pl.String))
            found.append(self._with_part(frame, sums))
        return pl.concat(found)

    def waterfall(self) -> pl.DataFrame:
        """The measure `waterfall`: the number of rows by place, outcome and is_due."""
        due = nw.when(nw.col("due_at") <= nw.lit(self.as_of)).then(nw.lit(True)).otherwise(nw.lit(False))
        keys = {"is_due": due} | ({"part": part_key(self.split)} if self.split else {})
        found = self.rows.with_columns(**keys).group_by("place", "outcome", *keys)
        frame = self.opened.collect(found.agg(nw.col("weight").sum().cast(nw.Int64).alias("rows")))
        return self._with_part(frame.select("place", "outcome", "is_due", "rows"), frame)

    def regimes(self) -> pl.DataFrame:
        """The measure `regimes`: due bookings by the marks of their source, and those in rows that stand for many."""
        due = rows_that_count(self.rows, self.as_of).filter(~nw.col("outcome").is_null())
        keys = {"part": part_key(self.split)} if self.split else {}
        weight = nw.col("weight").cast(nw.Int64)
        summed_weight = nw.when(weight > 1).then(weight).otherwise(nw.lit(0, nw.Int64))
        found = (due.with_columns(**keys) if keys else due).group_by("marks", *keys)
        frame = self.opened.collect(
            found.agg(
                weight.sum().cast(nw.Int64).alias("bookings"),
                summed_weight.sum().cast(nw.Int64).alias("summed_bookings"),
            )
        ).sort("marks")
        return self._with_part(frame.select("marks", "bookings", "summed_bookings"), frame)


_BY_ENGINE = {
    "weeks": LakeGathered.weeks,
    "halves": LakeGathered.halves,
    "waterfall": LakeGathered.waterfall,
    "regimes": LakeGathered.regimes,
}


@contextmanager
def lake_gathered(
    opened: OpenLake,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    period: Period | None = None,
    split: str | None = None,
) -> Iterator[LakeGathered]:
    """Gather the rows of a lake that pass a filter; arguments and errors as for `queries.gathered.gathered`.

    Raises `UsageError` also for a filter or a split by who booked, which no lake holds.
    """
    node, moment = read_filter(BOOKED_SESSION, where), as_of_instant(as_of)
    part = _grouping(split)
    require_attributes(opened.lake.attributes, node, *([part] if part else []))
    rows = opened.read(period)
    if period:
        rows = rows.filter(nw.col("local_date") >= period.first, nw.col("local_date") <= period.last)
    if node != EVERYTHING:
        rows = rows.filter(condition(node))
    found = LakeGathered(opened.connection, moment, node, period, part, opened, rows)
    if opened.engine != "spark":
        _make_views(found)
    yield found


def _grouping(split: str | None) -> Grouping | None:
    if split is None:
        return None
    (grouping,) = groupings_named(split)
    require_in_lake(grouping)
    return grouping


def _make_views(found: LakeGathered) -> None:
    """Define `roster` and `facts` as views, so that a statement reads only the columns that it needs."""
    connection = found.connection
    added = (*(name for name in ADDED if name != FIRST_BOOKING), *map(attribute_column, found.opened.lake.attributes))
    connection.execute(lake_roster_sql(found.opened.lake.files(), GUIDS, INSTANTS, added))
    for name in MEASURES:
        connection.execute(view_sql(name))
    connection.execute(f"create or replace macro contact_of(p) as p.{FIRST_BOOKING}")
    dates = (found.period.first, found.period.last) if found.period else None
    text, parameters = roster_sql(found.node, naive_utc(found.as_of), dates, found.split)
    connection.execute(f"create or replace view roster as {with_values(text, parameters)}")
    connection.execute(FACTS)
