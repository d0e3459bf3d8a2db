"""Groups that lose more bookings than the others beyond chance, and since when.

Over the whole time they are those whose verdict (`queries.measures.group_verdicts`) is that they lose more. Two further
looks, at the last 26 weeks and at parts of the day, are plain comparisons that are tested together at 1 %, so that
looking more often hardly means finding more by chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from queries.measures.between_periods import BetweenPeriods, between_periods
from queries.measures.clustering import Clustering
from queries.measures.frequent import with_frequent
from queries.measures.group_verdicts import GroupKey, GroupVerdict, group_verdicts
from queries.model.families import DAYPART
from reports.drawing.group_names import group_name, is_nameless
from reports.sections.over_time.weeks_and_months import week_start
from reports.sections.where.nesting import DAYPARTS, LATELY, Standout, each_once, is_judged_otherwise, is_key

_WEEK = dt.timedelta(days=7)
_FURTHER_LEVEL = 0.01
_SQUARES = ("contact_squares", "session_squares", "top_missed", "top_rated", "top_squares")
_LONG_ENOUGH = 38 * _WEEK


@dataclass(frozen=True, slots=True)
class Standouts:
    """The groups that lose more, the clearest first and persons last; how many had enough marked bookings to be tested.

    `since` is the Monday since which the first of them has a higher rate than before, if that is found; with under two
    years of records it may be a season (`since_may_be_season`).
    """

    found: tuple[Standout, ...]
    tested: int
    since: dt.date | None
    since_may_be_season: bool = False

    @property
    def dayparts(self) -> tuple[Standout, ...]:
        """The parts of the day among them."""
        return tuple(each for each in self.found if each.family == DAYPART)


NO_STANDOUTS = Standouts((), 0, None)


@dataclass(frozen=True, slots=True)
class _Look:
    """One kind of groups over one time: tested groups, the key in the first column, the label in the family's."""

    family: str
    frame: pl.DataFrame
    lately: bool = False


def standouts_among(
    verdicts: Mapping[GroupKey, GroupVerdict],
    by: Mapping[str, pl.DataFrame],
    weeks: pl.DataFrame,
    clustering: Clustering,
    min_bookings: int,
    halves: pl.DataFrame | None = None,
) -> Standouts:
    """Groups that lose more, among those of the families `by` and, from the measure `weeks`, parts of the day.

    All are tested over the whole time and, if that is long enough, over the last 26 weeks. Counts by week have no
    squares. In the further looks a group has the design effect that it has over the whole time, which is larger since
    more of its bookings are of one contact, and a part of the day has that of all bookings. `halves`, the measure, says
    how differently the contacts of a group book over time, for the Monday since which its rate is higher.
    """
    histories = {family: weeks.filter(pl.col("family") == family) for family in by}
    histories[DAYPART] = _dayparts(weeks.filter(pl.col("family") == DAYPART))
    parts = _Look(DAYPART, _totalled(histories[DAYPART], "daypart_id"))
    recent = [_Look(family, _lately(histories[family], by.get(family), family), lately=True) for family in histories]
    further = [replace(look, frame=_tested(look.frame, clustering, min_bookings)) for look in (parts, *recent)]
    whole = [
        Standout(_phrase(family, row), False, verdict)
        for family, frame in by.items()
        for row in frame.select(frame.columns[0], family).rows(named=True)
        for verdict in [verdicts[family, str(row[frame.columns[0]])]]
        if verdict.is_found("more")
    ]
    plain = _found_further(further, clustering, min_bookings)
    # A flag that like for like does not confirm is not raised for the last weeks either.
    recently = [
        each
        for each in plain
        if not _is_unconfirmed(verdicts.get((each.family, each.key)))
        and not (each.family == DAYPART and is_judged_otherwise(each, verdicts.values(), histories))
    ]
    found = each_once([*whole, *recently], histories)
    rise = None
    if found:
        first = found[0].verdict
        rated = int(by[first.family]["rated_bookings"].sum()) if first.family in by else 0
        between = between_periods(clustering, rated, _sides(halves, first))
        rise = _rise(histories[first.family], first, between)
    tested = sum(each.answer != "not tested" for each in verdicts.values())
    tested += further[0].frame.filter(pl.col("rated_bookings") >= min_bookings)["p_value"].count()
    return Standouts(found, tested, *rise) if rise else Standouts(found, tested, None)


def _is_unconfirmed(verdict: GroupVerdict | None) -> bool:
    return verdict is not None and verdict.is_flagged and verdict.answer == "not found"


def _found_further(looks: Sequence[_Look], clustering: Clustering, min_bookings: int) -> list[Standout]:
    """The groups that are flagged if those of all further looks are tested together."""
    by = {str(at): look.frame for at, look in enumerate(looks)}
    verdicts = group_verdicts(by, (), clustering, min_bookings, _FURTHER_LEVEL)
    return [
        Standout(_phrase(look.family, row), look.lately, replace(verdict, family=look.family))
        for at, look in enumerate(looks)
        for row in look.frame.select(look.frame.columns[0], look.family).rows(named=True)
        for verdict in [verdicts[str(at), str(row[look.frame.columns[0]])]]
        if verdict.is_found("more")
    ]


def _tested(frame: pl.DataFrame, clustering: Clustering, min_bookings: int) -> pl.DataFrame:
    """Counts without squares as groups that can be flagged."""
    if "design_effect" not in frame.columns:
        frame = frame.with_columns(design_effect=pl.lit(clustering.whole))
    unknown = (pl.lit(None, pl.Int64).alias(name) for name in _SQUARES)
    return with_frequent(frame.with_columns(*unknown), min_bookings, clustering)


def _phrase(family: str, row: Mapping[str, Any]) -> str:
    name = group_name(family, row[family])
    return f"Sessions led by {name}" if family == "staff" and not is_nameless(name) else name


def _sides(halves: pl.DataFrame | None, group: GroupVerdict) -> Mapping[str, Any] | None:
    """How often the contacts of a group booked in each half of the time; None if that was not counted.

    For a part of the day those of all contacts are taken.
    """
    if halves is None or "family" not in halves.columns:
        return None
    if group.family == DAYPART:
        mine = halves.filter(pl.col("family").is_null())
    else:
        mine = halves.filter(family=group.family).filter(is_key(f"{group.family}_id", group))
    return mine.row(0, named=True) if mine.height else None


def _rise(weeks: pl.DataFrame, group: GroupVerdict, between: BetweenPeriods) -> tuple[dt.date, bool] | None:
    """The Monday since which the rate of a group is higher, and whether a season may be the reason.

    Weeks without bookings count as 0 of 0.
    """
    from queries.measures.change import change_in  # here, since it imports numpy

    mine = weeks.filter(is_key(f"{group.family}_id", group))
    columns = ("week", "rated_bookings", "missed_bookings", "session_squares")
    counts = {week: (n or 0, k or 0, squares) for week, n, k, squares in mine.select(columns).rows()}
    if not counts:
        return None
    mondays = [week_start(min(counts))]
    while mondays[-1] < max(counts):
        mondays.append(mondays[-1] + _WEEK)
    rows = [counts.get(monday, (0, 0, 0)) for monday in mondays]
    effects = [between.effect(n, squares) if n else 1.0 for n, _, squares in rows]
    change = change_in([(n, k) for n, k, _ in rows], design_effect=effects)
    if change.answer != "found" or change.shape != "step" or not change.rises:
        return None
    return mondays[change.first], not change.has_season


def _lately(weeks: pl.DataFrame, named: pl.DataFrame | None, family: str) -> pl.DataFrame:
    """Counts of the last 26 weeks by group, named as over all time; none if fewer than 13 weeks lie before them."""
    key = f"{family}_id"
    first, last = weeks["week"].min(), weeks["week"].max()
    long = isinstance(first, dt.date) and isinstance(last, dt.date) and last - first >= _LONG_ENOUGH
    recent = weeks.filter(pl.col("week") > last - LATELY) if long and isinstance(last, dt.date) else weeks.clear()
    if named is None:
        return _totalled(recent, key)
    return (
        _totalled(recent.with_columns(pl.lit("").alias(family)), key)
        .drop(family)
        .join(named.select(key, family, "design_effect"), on=key, how="left", nulls_equal=True, maintain_order="left")
    )


def _totalled(weeks: pl.DataFrame, key: str) -> pl.DataFrame:
    """The sums of the weeks by group."""
    family = key.removesuffix("_id")
    return (
        weeks.group_by(key)
        .agg(pl.col(family).max(), pl.col("rated_bookings", "missed_bookings").sum())
        .sort(key, nulls_last=True)
    )


def _dayparts(hours: pl.DataFrame) -> pl.DataFrame:
    """Counts by location, hour and week as counts by part of the day at a location, and week.

    A source that gives dates only has its sessions at midnight, so those from 0:00 to 1:00 are in no part of the day.
    """
    part = pl.lit(DAYPARTS[-1][1])
    for end, name in reversed(DAYPARTS[:-1]):
        part = pl.when(pl.col("local_hour") < end).then(pl.lit(name)).otherwise(part)
    place = pl.when(pl.col("location").is_not_null()).then(pl.lit(" at ") + pl.col("location")).otherwise(pl.lit(""))
    return (
        hours.filter((pl.col("local_hour") > 0) & (pl.col("bookings") > 0))
        .with_columns(
            daypart_id=pl.concat_str(part, pl.lit("|"), pl.col("location_id").fill_null("")),
            daypart=pl.concat_str(part, pl.lit(" sessions"), place),
        )
        .group_by("daypart_id", "week")
        .agg(pl.col("daypart").max(), pl.col("rated_bookings", "missed_bookings", "session_squares").sum())
    )
