"""The rows that every figure of a report is taken from, read once for a filter, a period and a moment.

`roster` holds every pair of booking and session that passes the filter, and the sessions nobody booked; `facts` holds
its rows that counts are taken from. Measures are statements over these two names. `shown` writes a statement so that
it runs in the DuckDB shell, with definitions of the two names in front.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import polars as pl

from queries.database import frame_of
from queries.errors import UsageError
from queries.language.filters import Node, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.model.attributes import PREFIX, attribute_named
from queries.model.factors import FEWEST_VALUES, MOST_ATTRIBUTES, MOST_VALUES
from queries.model.groupings import GROUPINGS, Grouping, groupings_named
from queries.model.stretches import SIDES, Stretches
from queries.moments import as_of_instant, days_after, naive_utc
from queries.statements import (
    FACTS_SQL,
    ahead_of_roster_sql,
    cells_sql,
    clusters_sql,
    counts_sql,
    measure_sql,
    overlaps_sql,
    roster_sql,
    shown_counts_sql,
    shown_sql,
    sums_ahead_sql,
    sums_of_roster_sql,
    with_values,
)

PART = Grouping("part", "the part of the business that a report is about")
# All rows as one part.
_WHOLE = Grouping("part", "the whole business", "null::varchar")

# The columns of `Gathered.overlaps`.
OVERLAPS = {"part": pl.String, "comparison": pl.String} | dict.fromkeys(SIDES, pl.Int64)
# The measure whose columns depend on the attributes that there are.
CELLS = "cells"
# Measures of the days after the moment: sums over the bookings ahead, by session and over all.
AHEAD = {"sessions_ahead": GROUPINGS["session"], "week_ahead": None}
DAYS_AHEAD = 7
_AHEAD, _WAITING = "ahead_of_roster", "waiting_of_roster"
FACTS = f"create or replace temporary view facts as {FACTS_SQL}"


@dataclass(frozen=True, slots=True)
class Period:
    """Local dates of sessions, both included. Those that a user gives go through `period_of`."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        """How many dates it holds."""
        return (self.last - self.first).days + 1

    def before(self, days: int) -> Period:
        """The period moved back by some days."""
        return Period(self.first - dt.timedelta(days=days), self.last - dt.timedelta(days=days))


def period_of(first: dt.date, last: dt.date) -> Period:
    """The period between two dates. Raises `UsageError` if it ends before it begins."""
    if last < first:
        raise UsageError(
            "period.backwards",
            f"the period from {first} to {last} ends before it begins",
            "Give --from a date before --to, and not in the future",
        )
    return Period(first, last)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The rows that were read. `split` is the grouping whose keys the column `part` holds, else `part` is null."""

    connection: duckdb.DuckDBPyConnection
    as_of: dt.datetime
    node: Node
    period: Period | None
    split: Grouping | None
    _texts: dict[str, str] = field(default_factory=dict, kw_only=True, compare=False)

    def counts(self, *groupings: str) -> pl.DataFrame:
        """Counts by groupings: `part`, the group columns, then those of `no_show_counts`."""
        text, parameters = counts_sql([PART, *groupings_named(groupings)], relation="facts")
        return frame_of(self.connection, text, parameters)

    def clusters(self, of_parts: bool = True) -> pl.DataFrame:
        """The sums that clustering is estimated from, of each part or of all: `part`, then those of `clusters_of`."""
        text, parameters = clusters_sql(relation="facts", key=PART if of_parts else _WHOLE)
        return frame_of(self.connection, text, parameters)

    def overlaps(self, stretches: Mapping[str, Stretches]) -> pl.DataFrame:
        """How often contacts book on both sides of each comparison: `part`, `comparison`, then `SIDES`, Int64.

        `SIDES` are those of `queries.model.stretches`.
        """
        return frame_of(self.connection, *overlaps_sql(stretches)) if stretches else pl.DataFrame(schema=OVERLAPS)

    def measure(self, name: str) -> pl.DataFrame:
        """The frame of a measure: of a statement in `queries/measures`, by its name, of `cells` or one of `AHEAD`."""
        if name in AHEAD:
            self._take_ahead()
            return frame_of(self.connection, sums_ahead_sql(AHEAD[name], f"from {_AHEAD}", f"from {_WAITING}", "part"))
        return frame_of(self.connection, self._measure_text(name))

    def _take_ahead(self) -> None:
        """Read the bookings ahead once: finding their chances counts all that is past."""
        if _AHEAD in self._texts:
            return
        moment = naive_utc(self.as_of)
        until = days_after(moment, DAYS_AHEAD)
        # A session of today whose time is not known is ahead until the day ends.
        some = "select 1 from roster where starts_at between $moment::timestamp - interval 2 day and $until limit 1"
        # Without any booking ahead only the columns are wanted.
        ends = "" if self.connection.execute(some, {"moment": moment, "until": until}).fetchall() else " limit 0"
        for table, text in zip((_AHEAD, _WAITING), ahead_of_roster_sql(moment, DAYS_AHEAD), strict=True):
            self.connection.execute(f"create or replace temporary table {table} as {text}{ends}")
        self._texts[_AHEAD] = ""

    def _measure_text(self, name: str) -> str:
        if name not in self._texts:
            self._texts[name] = self._written(name)
        return self._texts[name]

    def _written(self, name: str) -> str:
        if name == CELLS:
            return cells_sql(self._few_valued_attributes())
        if name in AHEAD:
            return sums_of_roster_sql(AHEAD[name], naive_utc(self.as_of), DAYS_AHEAD)
        return measure_sql(name)

    def _few_valued_attributes(self) -> list[str]:
        """The attributes with few values, those of most bookings first; only the rows show which these are."""
        few = pl.col("number_of_values").is_between(FEWEST_VALUES, MOST_VALUES)
        names = self.measure("attribute_values").filter(few)["name"]
        return [name for name in names if attribute_named(f"{PREFIX}{name}")][:MOST_ATTRIBUTES]

    def shown(self, statement: str, part: str | None = None) -> str:
        """A statement over `facts` or `roster` for the shell, with the filter and the moment written out."""
        return shown_sql(statement, self.node, naive_utc(self.as_of), self._dates, self.split, part)

    def shown_counts(self, *groupings: str, part: str | None = None) -> str:
        """Counts and rates by groupings as a statement for the shell."""
        return self.shown(shown_counts_sql(groupings_named(groupings), "facts"), part)

    def shown_measure(self, name: str, part: str | None = None) -> str:
        """The statement of a measure for the shell."""
        return self.shown(self._measure_text(name), part)

    def shown_quality(self, name: str) -> str:
        """The statement of a measure of the whole database for the shell, with the moment written out."""
        return with_values(measure_sql(name), {"as_of": naive_utc(self.as_of)}).strip() + ";"

    @property
    def _dates(self) -> tuple[dt.date, dt.date] | None:
        return (self.period.first, self.period.last) if self.period else None


@contextmanager
def gathered(
    con: duckdb.DuckDBPyConnection,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    period: Period | None = None,
    split: str | None = None,
) -> Iterator[Gathered]:
    """Read the rows that pass a filter, and keep them until the block ends.

    `where` filters booked sessions (`queries.language`), `as_of` is the moment that figures hold for (default now),
    `period` bounds the local date of sessions, `split` names the grouping whose groups are the parts of the business.
    Raises `UsageError` for a filter, a moment or a grouping that makes no sense.
    """
    part = groupings_named(split)[0] if split is not None else None
    found = Gathered(con, as_of_instant(as_of), read_filter(BOOKED_SESSION, where), period, part)
    text, parameters = roster_sql(found.node, naive_utc(found.as_of), found._dates, found.split)
    # A stored roster need not be copied: a view over it will do. A view takes no bound values, so they are written out.
    stored = _has_stored_roster(con)
    if stored:
        con.execute(f"create or replace temporary view roster as {with_values(text, parameters)}")
    else:
        con.execute(f"create or replace temporary table roster as {text}", parameters)
    try:
        con.execute(FACTS)
        yield found
    finally:
        con.execute(f"drop table if exists {_AHEAD}; drop table if exists {_WAITING}")
        con.execute(f"drop view if exists facts; drop {'view' if stored else 'table'} if exists roster")


def _has_stored_roster(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the snapshot stores the roster as a table, not as a view."""
    tables = con.execute("select 1 from duckdb_tables() where not internal and table_name = 'known_roster'")
    return bool(tables.fetchall())
