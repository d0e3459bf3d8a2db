"""The frames a report is made from, and how a section names those that it needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import polars as pl

from queries.measures.between_periods import BetweenPeriods
from queries.measures.clustering import INDEPENDENT, Clustering
from queries.model.stretches import Stretches

HALVES, PERIODS = "halves", "periods"


@dataclass(frozen=True, slots=True)
class Needs:
    """The frames that a section reads, by name.

    `by`: rates by one grouping of `queries`. `counts`: counts by several groupings, under a name for them. `rows`:
    measures of `queries/measures`. `records`: measures of the whole database, whatever the filter. `shared` names
    those of `by` and `counts` whose groups may appear in a shared report; all others have no rows there. `stretches`:
    pairs of periods that are compared, under a name for the comparison.
    """

    by: tuple[str, ...] = ()
    counts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    stretches: Mapping[str, Stretches] = field(default_factory=dict)


def union_of(needs: Iterable[Needs]) -> Needs:
    """Everything that several sections need, each frame once, in the order of first mention."""
    needs = tuple(needs)
    return Needs(
        by=_each_once(each.by for each in needs),
        counts={name: groupings for each in needs for name, groupings in each.counts.items()},
        rows=_each_once(each.rows for each in needs),
        records=_each_once(each.records for each in needs),
        shared=_each_once(each.shared for each in needs),
        stretches={name: stretches for each in needs for name, stretches in each.stretches.items()},
    )


def _each_once(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for some in names for name in some))


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames measured for one report.

    `overall` and `before` (the period before) are one row of rates; `by`, `counts`, `rows` and `records` have a frame
    for each name in `Needs`; `sql` has a statement for the shell by the same names. For sharing, counts are as
    `reports.sharing` leaves them, days have all of theirs, and there are no rows and no statements. `clustering` is
    that of all bookings of the report. `between` has how alike the bookings of two periods are, by the name of the
    comparison: those of `Needs.stretches`, `HALVES` if the measure of that name is read, and `PERIODS`, the period and
    the one before it.
    """

    overall: pl.DataFrame
    by: Mapping[str, pl.DataFrame]
    records: Mapping[str, pl.DataFrame]
    counts: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    before: pl.DataFrame | None = None
    sql: Mapping[str, str] = field(default_factory=dict)
    clustering: Clustering = INDEPENDENT
    between: Mapping[str, BetweenPeriods] = field(default_factory=dict)
