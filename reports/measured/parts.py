"""Measure the frames of a report, or of one report for each part of the business.

The source is read once. The reports of a chain, one a location, are parts of the same counts: counts are sums.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.gathered import Gathered, Period
from queries.measures.between_periods import BetweenPeriods, between_periods
from queries.measures.clustering import Clustering, clustering_of_all
from queries.measures.frequent import flagged_together
from queries.measures.no_shows import ranked
from queries.measures.quality import waterfall_of
from queries.model.families import FAMILIES
from queries.model.groupings import groupings_named
from queries.model.stretches import Stretches
from reports.drawing.group_names import group_name
from reports.measured.frames import HALVES, PERIODS, Frames, Needs
from reports.measured.source import Source
from reports.sharing.rounding import number_ids, round_clustering, round_for_sharing
from reports.sharing.withholding import withhold_small

# Groupings whose keys may be shared, and their counts not: of days the report uses the dates only.
_DATES_ONLY = ("day",)
# Measures of which a shared report has the words and no counts.
_WORDS_ONLY = ("regimes",)
# Sums that only design effects are made of.
_NOT_SHOWN = ("clusters", "overlaps", HALVES)
# Measures that take one more step before a section reads them.
_FINISHED: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {"waterfall": waterfall_of}


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows a report covers: the filter, the moment, the period and the one before it, and the split into parts."""

    where: Mapping[str, Any] | None
    as_of: dt.datetime
    period: Period | None = None
    before: Period | None = None
    split: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the business: the key of its group, its name, and its frames."""

    key: str
    name: str
    frames: Frames


def parts(source: Source, scope: Scope, needs: Needs, min_bookings: int, share: bool = False) -> Iterator[Part]:
    """The whole as one part or, if the scope is split, each part in the order of its name."""
    records = source.records(scope.as_of) if needs.records else {}
    if share:
        records = _shared_records(records)
    before = _counts_before(source, scope)
    with source.gather(scope.where, scope.as_of, scope.period, scope.split) as gathered:
        read = _read(gathered, needs)
        # With one of its own a part of a shared report would show more than its row in the report of the whole.
        read["clusters"] = gathered.clusters(of_parts=not share)
        names = _names(gathered, scope.split)
        if share and scope.split:
            for key, name, mine in _shared_parts(read, needs, scope.split, names):
                yield Part(key, name, _frames(mine, {}, needs, min_bookings, records, {}, share))
            return
        split = {name: _by_part(frame, scope.split) for name, frame in (read | before).items()}
        for part, name in names:
            mine = {frame: split[frame].get((part,), read[frame].clear()).drop("part") for frame in read}
            mine["overall"] = _one_row(mine["overall"])
            earlier = {name: split[name][(part,)].drop("part") for name in before if (part,) in split[name]}
            sql: Mapping[str, str] = {}
            if share:
                earlier = {name: _shared_earlier(name, frame) for name, frame in earlier.items()}
                mine = _shared(mine, needs)
            elif not source.engine:
                sql = _statements(gathered, needs, part)
            yield Part(part or "", name, _frames(mine, earlier, needs, min_bookings, records, sql, share))


def _by_part(frame: pl.DataFrame, split: str | None) -> Mapping[tuple[Any, ...], pl.DataFrame]:
    """The rows of each part; those of the whole under the key None."""
    if split or frame.is_empty():
        return frame.partition_by("part", as_dict=True)
    return {(None,): frame}


def _counts_before(source: Source, scope: Scope) -> dict[str, pl.DataFrame]:
    if scope.before is None:
        return {}
    with source.gather(scope.where, scope.as_of, scope.before, scope.split) as earlier:
        found = {"before": earlier.counts(), "clusters_before": earlier.clusters()}
    if scope.period is None:
        return found
    # One contact may have booked in both, which neither shows by itself.
    together = Period(scope.before.first, scope.period.last)
    stretches = Stretches((scope.before.first, scope.before.last), (scope.period.first, scope.period.last))
    with source.gather(scope.where, scope.as_of, together, scope.split) as both:
        return found | {"clusters_together": both.clusters(), "periods": both.overlaps({PERIODS: stretches})}


def _read(gathered: Gathered, needs: Needs) -> dict[str, pl.DataFrame]:
    grouped = {name: gathered.counts(name) for name in needs.by}
    counted = {name: gathered.counts(*groupings) for name, groupings in needs.counts.items()}
    measured = {name: gathered.measure(name) for name in needs.rows}
    overlaps = {"overlaps": gathered.overlaps(needs.stretches)}
    return {"overall": gathered.counts()} | grouped | counted | measured | overlaps


def _names(gathered: Gathered, split: str | None) -> list[tuple[str | None, str]]:
    if split is None:
        return [(None, "")]
    (grouping,) = groupings_named(split)
    frame = gathered.counts(split).filter(pl.col("bookings") > 0)
    names = frame[grouping.columns[-1]].cast(pl.String).fill_null(group_name(split, None))
    return sorted(zip(frame["part"], names, strict=True), key=lambda part: (part[1].casefold(), part[0]))


def _frames(
    mine: Mapping[str, pl.DataFrame],
    earlier: Mapping[str, pl.DataFrame],
    needs: Needs,
    min_bookings: int,
    records: Mapping[str, pl.DataFrame],
    sql: Mapping[str, str],
    share: bool,
) -> Frames:
    clustering = _clustering(mine["clusters"], share)
    by = {name: _rates(mine[name], min_bookings, clustering, name) for name in needs.by}
    # Groups of all families are tested together, as in the view `frequent_no_shows`.
    by |= flagged_together({name: by[name] for name in FAMILIES if name in by}, min_bookings)
    before = None
    if "before" in earlier:
        before = _rates(earlier["before"], min_bookings, _clustering(earlier["clusters_before"], share))
    return Frames(
        overall=_rates(mine["overall"], min_bookings, clustering),
        by=by,
        records=records,
        counts={name: mine[name] for name in needs.counts},
        rows={name: _FINISHED[name](mine[name]) if name in _FINISHED else mine[name] for name in needs.rows}
        | ({HALVES: mine[HALVES].clear()} if share and HALVES in mine else {}),
        before=before,
        sql=sql,
        clustering=clustering,
        between=_between(mine, earlier, clustering, share),
    )


def _between(
    mine: Mapping[str, pl.DataFrame], earlier: Mapping[str, pl.DataFrame], clustering: Clustering, share: bool
) -> dict[str, BetweenPeriods]:
    """How alike the bookings of each two periods are that the report compares, by the name of the comparison."""
    rated = _rated(mine["clusters"])
    found = {row["comparison"]: between_periods(clustering, rated, row) for row in mine["overlaps"].to_dicts()}
    if HALVES in mine:
        whole = mine[HALVES].filter(pl.col("family").is_null())
        found[HALVES] = between_periods(clustering, rated, whole.row(0, named=True) if whole.height else None)
    if "periods" in earlier:
        clusters = earlier["clusters_together"]
        (sides,) = earlier["periods"].to_dicts()
        found[PERIODS] = between_periods(clustering_of_all(clusters), _rated(clusters), sides)
    return {name: each.rounded_up() for name, each in found.items()} if share else found


def _rated(clusters: pl.DataFrame) -> int:
    return int(clusters["rated_bookings"].sum())


def _clustering(clusters: pl.DataFrame, share: bool) -> Clustering:
    found = clustering_of_all(clusters)
    return round_clustering(found) if share else found


def _rates(frame: pl.DataFrame, min_bookings: int, clustering: Clustering, *by: str) -> pl.DataFrame:
    """Rates of the groups whose no-shows are known, then the others: withheld counts are in no total."""
    groupings = groupings_named(by)
    if not frame["missed_bookings"].has_nulls():
        return ranked(frame, groupings, min_bookings, clustering)
    known, withheld = (frame.filter(pl.col("missed_bookings").is_null() == missing) for missing in (False, True))
    return pl.concat([ranked(each, groupings, min_bookings, clustering) for each in (known, withheld)])


def _one_row(overall: pl.DataFrame) -> pl.DataFrame:
    """Counts over no rows at all as one row of zeros."""
    return overall if overall.height else overall.clear(1).with_columns(pl.col(pl.Int64).fill_null(0))


def _shared(mine: Mapping[str, pl.DataFrame], needs: Needs) -> dict[str, pl.DataFrame]:
    """The frames of one report as they may be shown together; those that may not be shared have no rows."""
    overall, tables = withhold_small(mine["overall"], {name: mine[name] for name in needs.shared})
    shared = {"overall": overall} | {name: number_ids(frame) for name, frame in tables.items()}
    shared |= {name: mine[name] for name in _DATES_ONLY if name in mine}
    shared |= {name: _words_of(mine[name]) for name in _WORDS_ONLY if name in mine}
    shared |= {name: mine[name] for name in _NOT_SHOWN if name in mine}
    return {name: shared.get(name, frame.clear()) for name, frame in mine.items()}


def _shared_earlier(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    return withhold_small(frame, {})[0] if name == "before" else frame


def _words_of(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows of a frame that stand for any booking, without their counts."""
    counts = [name for name, kind in frame.schema.items() if kind == pl.Int64]
    return frame.filter(pl.col("bookings") > 0).with_columns(pl.lit(None, pl.Int64).alias(name) for name in counts)


def _shared_records(records: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Flags and quarantine rounded, without examples of records; no load or finding, since they name files."""
    if not records:
        return {}
    return {
        "flags": round_for_sharing(records["flags"]),
        "quarantine_by_rule": round_for_sharing(records["quarantine_by_rule"]).with_columns(message=pl.lit("")),
        "findings": records["findings"].clear(),
        "loads": records["loads"].clear(),
    }


def _shared_parts(
    read: Mapping[str, pl.DataFrame], needs: Needs, split: str, names: list[tuple[str | None, str]]
) -> Iterator[tuple[str, str, dict[str, pl.DataFrame]]]:
    """Key, name and frames of each part: the row that the shared report of the whole has of it, and nothing else.

    With more of one part a reader could subtract it from the whole.
    """
    (grouping,) = groupings_named(split)
    tables = {name: _summed(read[name], needs.counts.get(name, (name,))) for name in needs.shared}
    _, tables = withhold_small(_one_row(_summed(read["overall"], ())), tables)
    rows = tables[split]
    for key, name in names:
        row = rows.filter(pl.col(grouping.columns[0]).cast(pl.String).fill_null("") == key).drop(grouping.columns)
        overall = row if row.height else rows.clear(1).drop(grouping.columns)
        mine = {frame: each.drop("part").clear() for frame, each in read.items()} | {"overall": overall}
        mine["clusters"] = read["clusters"]
        for frame in _WORDS_ONLY:
            mine[frame] = _words_of(read[frame].filter(pl.col("part") == (key or "")).drop("part"))
        yield key or "", name, mine


def _summed(frame: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """Counts by part and groupings, summed to those of the whole."""
    groupings = groupings_named(by)
    keys = [grouping.columns[0] for grouping in groupings]
    labels = [column for grouping in groupings for column in grouping.columns[1:]]
    sums = [pl.col(labels).max(), pl.exclude("part", *keys, *labels).sum()]
    return frame.group_by(keys).agg(sums) if keys else frame.select(pl.exclude("part").sum())


def _statements(gathered: Gathered, needs: Needs, key: str | None) -> dict[str, str]:
    """A statement for the shell by the name of each frame."""
    grouped = {name: gathered.shown_counts(name, part=key) for name in needs.by}
    counted = {name: gathered.shown_counts(*groupings, part=key) for name, groupings in needs.counts.items()}
    measured = {name: gathered.shown_measure(name, part=key) for name in needs.rows}
    records = {name: gathered.shown_quality(name) for name in needs.records}
    return {"overall": gathered.shown_counts(part=key)} | grouped | counted | measured | records
