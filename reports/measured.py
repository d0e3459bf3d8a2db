"""A connection and what a report is about go in; every frame that a page is made of comes out, one set for each part.

The rows are read once. A chain's reports, one a location, are parts of the same counts: counts are sums.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

import queries
from queries.gathered import Gathered, Period, gathered
from queries.measures.groupings import groupings_named
from queries.measures.no_shows import ranked
from queries.measures.quality import waterfall_of
from reports.sharing import rounded

if TYPE_CHECKING:
    import duckdb

GROUPED = ("service", "series", "location", "staff", "lead_time", "week", "month", "day")
# Counts by several groupings, as the sections need them: name, groupings.
COUNTED = {"grid": ("local_weekday", "local_hour")}
MEASURED = (
    "registers",
    "sessions",
    "course_numbers",
    "enrolments",
    "repeat_no_shows",
    "occupancy",
    "empty_seats",
    "weeks",
)


# Days are not shown but summed up, and what they come to is rounded then.
_SUMMED = ("day",)


# Of the whole database, whatever the filter.
QUALITY = ("flags", "quarantine_by_rule", "loads")


@dataclass(frozen=True, slots=True)
class Frames:
    """What was measured for one report.

    `overall` and `before` are one row of rates, `by` rates by grouping, `counts` those of `COUNTED`, `rows` those of
    `MEASURED`; `sql` has a statement for the shell by the name of each. For sharing all but the days and `before`
    are rounded, and no statement is given.
    """

    overall: pl.DataFrame
    by: Mapping[str, pl.DataFrame]
    waterfall: pl.DataFrame
    flags: pl.DataFrame
    quarantine: pl.DataFrame
    loads: pl.DataFrame
    counts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    before: pl.DataFrame | None = None
    sql: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows a report is about: the filter, the moment, the period and the one before it, and how it is split."""

    where: Mapping[str, Any] | None
    as_of: dt.datetime
    period: Period | None = None
    before: Period | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the business: the key it is told by, its name, and its frames."""

    key: str
    name: str
    frames: Frames


def parts(con: duckdb.DuckDBPyConnection, scope: Scope, min_bookings: int, share: bool = False) -> Iterator[Part]:
    """The whole as one part, or, where the scope is split, each part in the order of its name."""
    quality = {
        "flags": queries.flags(con, as_of=scope.as_of),
        "quarantine": queries.quarantine_by_rule(con),
        "loads": queries.loads(con),
    }
    before = _before(con, scope)
    with gathered(con, scope.where, scope.as_of, scope.period, scope.split) as found:
        read = _read(found)
        names = _names(found, scope.split)
        told = {name: frame.partition_by("part", as_dict=True) for name, frame in (read | before).items()}
        for key, name in names:
            mine = {frame: each.get((key,), read[frame].clear()) for frame, each in told.items() if frame in read}
            earlier = told["before"].get((key,)) if "before" in told else None
            yield Part(key or "", name, _frames(mine, earlier, found, key, min_bookings, share, quality))


def _before(con: duckdb.DuckDBPyConnection, scope: Scope) -> dict[str, pl.DataFrame]:
    if scope.before is None:
        return {}
    with gathered(con, scope.where, scope.as_of, scope.before, scope.split) as earlier:
        return {"before": earlier.counts()}


def _read(found: Gathered) -> dict[str, pl.DataFrame]:
    grouped = {name: found.counts(name) for name in GROUPED}
    counted = {name: found.counts(*groupings) for name, groupings in COUNTED.items()}
    measured = {name: found.measure(name) for name in (*MEASURED, "waterfall")}
    return {"overall": found.counts()} | grouped | counted | measured


def _names(found: Gathered, split: str | None) -> list[tuple[str | None, str]]:
    if split is None:
        return [(None, "")]
    (grouping,) = groupings_named(split)
    frame = found.counts(split).filter(pl.col("bookings") > 0)
    names = frame[grouping.columns[-1]].cast(pl.String).fill_null("(no name)")
    return sorted(zip(frame["part"], names, strict=True), key=lambda part: (part[1].casefold(), part[0]))


def _frames(
    mine: dict[str, pl.DataFrame],
    before: pl.DataFrame | None,
    found: Gathered,
    key: str | None,
    min_bookings: int,
    share: bool,
    quality: dict[str, pl.DataFrame],
) -> Frames:
    mine = {name: frame.drop("part") for name, frame in mine.items()}
    waterfall = waterfall_of(mine["waterfall"])
    if share:
        waterfall = rounded(waterfall)
        mine = {name: frame if name in _SUMMED else rounded(frame) for name, frame in mine.items()}

    def rates(frame: pl.DataFrame, *by: str) -> pl.DataFrame:
        return ranked(frame, groupings_named(by), min_bookings)

    return Frames(
        overall=rates(_one_row(mine["overall"])),
        by={name: rates(mine[name], name) for name in GROUPED},
        waterfall=waterfall,
        counts={name: mine[name] for name in COUNTED},
        rows={name: mine[name] for name in MEASURED},
        before=None if before is None else rates(before.drop("part")),
        sql={} if share else _statements(found, key),
        **(_shared(quality) if share else quality),
    )


def _shared(quality: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Flags and quarantine rounded; no example of a record, and no name of a file."""
    return {
        "flags": rounded(quality["flags"]),
        "quarantine": rounded(quality["quarantine"]).with_columns(message=pl.lit("")),
        "loads": quality["loads"].clear(),
    }


def _one_row(overall: pl.DataFrame) -> pl.DataFrame:
    """Counts over no rows at all are one row of zeros, not none."""
    return overall if overall.height else overall.clear(1).with_columns(pl.col(pl.Int64).fill_null(0))


def _statements(found: Gathered, key: str | None) -> dict[str, str]:
    grouped = {name: found.shown_counts(name, part=key) for name in GROUPED}
    counted = {name: found.shown_counts(*groupings, part=key) for name, groupings in COUNTED.items()}
    measured = {name: found.shown_measure(name, part=key) for name in (*MEASURED, "waterfall")}
    quality = {name: found.shown_quality(name) for name in QUALITY}
    return {"overall": found.shown_counts(part=key)} | grouped | counted | measured | quality
