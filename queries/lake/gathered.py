"""The rows of a lake that a report is made of, as `queries.gathered` gives those of a database.

Counts are the engine's own. What lists rows, as registers and sessions do, is DuckDB's work over the lake's files, so
it is there on the engines of this machine; `left_out` names the sections of a report that cannot be told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from queries.gathered import FACTS, Gathered, Period
from queries.lake.columns import ADDED, GUIDS, INSTANTS
from queries.lake.conditions import condition
from queries.lake.counts import part_key, require_in_lake, rows_that_count, summed
from queries.lake.engines import OpenLake
from queries.language.filters import EVERYTHING, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.model.families import FOLLOWED
from queries.model.groupings import GROUPINGS, Grouping, groupings_named
from queries.moments import as_of_instant, naive_utc
from queries.statements import lake_roster_sql, roster_sql, with_values
from queries.views import view_sql

# Measures, and the sections of a report that are told from them, which no lake has: who booked, seats nobody booked.
_IN_NO_LAKE = {"repeat_no_shows": "participants", "occupancy": "offers"}
_ROWS = {
    "registers": "registers",
    "sessions": "sessions",
    "course_numbers": "courses",
    "enrolments": "courses",
    "empty_seats": "worth",
}
# What becomes of records before they are rows is not in a lake either.
_ALWAYS_LEFT_OUT = frozenset({*_IN_NO_LAKE.values(), "records"})
_WEEKLY = ("bookings", "marked_bookings", "no_shows")


def left_out(engine: str) -> frozenset[str]:
    """Sections that a report from a lake on that engine cannot tell."""
    return _ALWAYS_LEFT_OUT | (frozenset({*_ROWS.values()}) if engine == "spark" else frozenset())


@dataclass(frozen=True, slots=True)
class LakeGathered(Gathered):
    """Rows of a lake that pass: `rows` are they, on the engine of `opened`."""

    opened: OpenLake
    rows: nw.LazyFrame[Any]

    def counts(self, *groupings: str) -> pl.DataFrame:
        """Counts by groupings: `part`, the group columns, then those of `no_show_counts`."""
        named = [GROUPINGS[name] for name in groupings]
        frame = self.opened.counts(rows_that_count(self.rows, self.as_of), named, self.split)
        return frame if self.split else self._with_part(frame, frame)

    def measure(self, name: str) -> pl.DataFrame:
        """The frame of a measure; one without rows and columns but `part` where the lake cannot tell it."""
        if name in _COUNTED:
            return _COUNTED[name](self)
        if name in _IN_NO_LAKE or (name in _ROWS and self.opened.engine == "spark"):
            return pl.DataFrame(schema={"part": pl.String})
        return super(LakeGathered, self).measure(name)

    def _with_part(self, frame: pl.DataFrame, sums: pl.DataFrame) -> pl.DataFrame:
        part = sums["part"] if self.split else pl.Series("part", [None] * frame.height, pl.String)
        return frame.insert_column(0, part)

    def weeks(self) -> pl.DataFrame:
        """The measure `weeks`: the few counts by week of every group that a report looks at."""
        return pl.concat([self._family(name, groups) for name, groups in FOLLOWED.items()], how="diagonal_relaxed")

    def _family(self, family: str, groups: tuple[Grouping, ...]) -> pl.DataFrame:
        groupings = [GROUPINGS["week"], *groups]
        sums = self.opened.collect(summed(rows_that_count(self.rows, self.as_of), groupings, self.split, _WEEKLY))
        named = {f"key_{at}": grouping.columns[0] for at, grouping in enumerate(groupings)}
        places = {"label_1_location": "location"} if GROUPINGS["location"] in groups else {}
        frame = sums.rename(named | places).select(*named.values(), *places.values(), *_WEEKLY)
        return self._with_part(frame.with_columns(family=pl.lit(family)), sums)

    def waterfall(self) -> pl.DataFrame:
        """The measure `waterfall`: rows by place, outcome and whether they are due."""
        due = nw.when(nw.col("due_at") <= nw.lit(self.as_of)).then(nw.lit(True)).otherwise(nw.lit(False))
        keys = {"is_due": due} | ({"part": part_key(self.split)} if self.split else {})
        found = self.rows.with_columns(**keys).group_by("place", "outcome", *keys)
        frame = self.opened.collect(found.agg(nw.len().cast(nw.Int64).alias("rows")))
        return self._with_part(frame.select("place", "outcome", "is_due", "rows"), frame)


_COUNTED = {"weeks": LakeGathered.weeks, "waterfall": LakeGathered.waterfall}


@contextmanager
def lake_gathered(
    opened: OpenLake,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    period: Period | None = None,
    split: str | None = None,
) -> Iterator[LakeGathered]:
    """The rows of a lake that pass; arguments and errors as for `queries.gathered.gathered`.

    Raises `UsageError` also for a filter or a split by who booked, which no lake tells.
    """
    node, moment = read_filter(BOOKED_SESSION, where), as_of_instant(as_of)
    part = _grouping(split)
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
    """`roster` and `facts` as views: a statement reads the columns that it needs, and keeps none."""
    connection = found.connection
    connection.execute(lake_roster_sql(found.opened.lake.files(), GUIDS, INSTANTS, ADDED))
    connection.execute(view_sql("no_show_measures"))
    dates = (found.period.first, found.period.last) if found.period else None
    text, parameters = roster_sql(found.node, naive_utc(found.as_of), dates, found.split)
    connection.execute(f"create or replace view roster as {with_values(text, parameters)}")
    connection.execute(FACTS)
