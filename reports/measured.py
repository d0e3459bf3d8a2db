"""A connection and what a report is about go in; every frame that a page is made of comes out, one set for each part.

The rows are read once. A chain's reports, one a location, are parts of the same counts: counts are sums.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from queries.gathered import Gathered, Period
from queries.measures.no_shows import ranked
from queries.measures.quality import waterfall_of
from queries.model.groupings import groupings_named
from reports.sharing import numbered, rounded, shared

if TYPE_CHECKING:
    from reports.source import Source

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
# Tables of groups that are told when shared, together with the whole they are parts of. Of days only the dates are.
_TOLD = ("service", "location", "lead_time", "week", "month", *COUNTED)
# What a shared report may be split by: its whole has a table of each.
SHARED_SPLITS = ("service", "location")


# Of the whole database, whatever the filter.
QUALITY = ("flags", "quarantine_by_rule", "loads")


@dataclass(frozen=True, slots=True)
class Frames:
    """What was measured for one report.

    `overall` and `before` are one row of rates, `by` rates by grouping, `counts` those of `COUNTED`, `rows` those of
    `MEASURED`; `sql` has a statement for the shell by the name of each. For sharing, counts are as `sharing` has them,
    days have all of theirs, and there are no rows and no statements.
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


def parts(source: Source, scope: Scope, min_bookings: int, share: bool = False) -> Iterator[Part]:
    """The whole as one part, or, where the scope is split, each part in the order of its name."""
    quality = source.quality(scope.as_of)
    before = _before(source, scope)
    with source.gather(scope.where, scope.as_of, scope.period, scope.split) as found:
        read = _read(found)
        names = _names(found, scope.split)
        if share and scope.split:
            for key, name, mine in _shared_parts(read, scope.split, names):
                yield Part(key, name, _frames(mine, None, min_bookings, _shared_quality(quality), {}))
            return
        told = {name: _by_part(frame, scope.split) for name, frame in (read | before).items()}
        for part, name in names:
            mine = {frame: each.get((part,), read[frame].clear()) for frame, each in told.items() if frame in read}
            mine = {frame: each.drop("part") for frame, each in mine.items()}
            mine["overall"] = _one_row(mine["overall"])
            earlier = told["before"].get((part,)) if "before" in told else None
            earlier = None if earlier is None else earlier.drop("part")
            if share:
                earlier = None if earlier is None else shared(earlier, {})[0]
                frames = _frames(_shared(mine), earlier, min_bookings, _shared_quality(quality), {})
            else:
                frames = _frames(
                    mine, earlier, min_bookings, quality, {} if source.engine else _statements(found, part)
                )
            yield Part(part or "", name, frames)


def _by_part(frame: pl.DataFrame, split: str | None) -> Mapping[tuple[Any, ...], pl.DataFrame]:
    """The rows of each part; those of the whole as they are."""
    if split or frame.is_empty():
        return frame.partition_by("part", as_dict=True)
    return {(None,): frame}


def _before(source: Source, scope: Scope) -> dict[str, pl.DataFrame]:
    if scope.before is None:
        return {}
    with source.gather(scope.where, scope.as_of, scope.before, scope.split) as earlier:
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
    min_bookings: int,
    quality: Mapping[str, pl.DataFrame],
    sql: Mapping[str, str],
) -> Frames:
    return Frames(
        overall=_rates(mine["overall"], min_bookings),
        by={name: _rates(mine[name], min_bookings, name) for name in GROUPED},
        waterfall=waterfall_of(mine["waterfall"]),
        counts={name: mine[name] for name in COUNTED},
        rows={name: mine[name] for name in MEASURED},
        before=None if before is None else _rates(before, min_bookings),
        sql=sql,
        **quality,
    )


def _rates(frame: pl.DataFrame, min_bookings: int, *by: str) -> pl.DataFrame:
    """Rates of the groups whose no-shows are told, then the others: counts that are not told are in no total."""
    told, others = (frame.filter(pl.col("no_shows").is_null() == missing) for missing in (False, True))
    return pl.concat([ranked(each, groupings_named(by), min_bookings) for each in (told, others)])


def _one_row(overall: pl.DataFrame) -> pl.DataFrame:
    """Counts over no rows at all are one row of zeros, not none."""
    return overall if overall.height else overall.clear(1).with_columns(pl.col(pl.Int64).fill_null(0))


def _shared(mine: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The frames of one report as they may be shown together; those that are not told have no rows."""
    overall, tables = shared(mine["overall"], {name: mine[name] for name in _TOLD})
    told = {"overall": overall, "day": mine["day"]} | {name: numbered(frame) for name, frame in tables.items()}
    return {name: told.get(name, frame.clear()) for name, frame in mine.items()}


def _shared_quality(quality: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Flags and quarantine rounded; no example of a record, and no name of a file."""
    return {
        "flags": rounded(quality["flags"]),
        "quarantine": rounded(quality["quarantine"]).with_columns(message=pl.lit("")),
        "loads": quality["loads"].clear(),
    }


def _shared_parts(
    read: dict[str, pl.DataFrame], split: str, names: list[tuple[str | None, str]]
) -> Iterator[tuple[str, str, dict[str, pl.DataFrame]]]:
    """Key, name and frames of each part: what the whole, shared, tells of it, and nothing else.

    With more of one part a reader could subtract it from the whole.
    """
    (grouping,) = groupings_named(split)
    _, tables = shared(_one_row(_summed(read["overall"])), {name: _summed(read[name], name) for name in _TOLD})
    rows = tables[split]
    for key, name in names:
        row = rows.filter(pl.col(grouping.columns[0]).cast(pl.String).fill_null("") == key).drop(grouping.columns)
        overall = row if row.height else rows.clear(1).drop(grouping.columns)
        yield key or "", name, {frame: each.drop("part").clear() for frame, each in read.items()} | {"overall": overall}


def _summed(frame: pl.DataFrame, name: str = "") -> pl.DataFrame:
    """Counts by part as those of the whole."""
    groupings = groupings_named(COUNTED.get(name, (name,) if name else ()))
    keys = [grouping.columns[0] for grouping in groupings]
    labels = [column for grouping in groupings for column in grouping.columns[1:]]
    sums = [pl.col(labels).max(), pl.exclude("part", *keys, *labels).sum()]
    return frame.group_by(keys).agg(sums) if keys else frame.select(pl.exclude("part").sum())


def _statements(found: Gathered, key: str | None) -> dict[str, str]:
    grouped = {name: found.shown_counts(name, part=key) for name in GROUPED}
    counted = {name: found.shown_counts(*groupings, part=key) for name, groupings in COUNTED.items()}
    measured = {name: found.shown_measure(name, part=key) for name in (*MEASURED, "waterfall")}
    quality = {name: found.shown_quality(name) for name in QUALITY}
    return {"overall": found.shown_counts(part=key)} | grouped | counted | measured | quality
