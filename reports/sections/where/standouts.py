"""Groups that lose more bookings than the others beyond chance, and since when.

A report looks at many groups at once, in several tables. A flag therefore needs two things: the group is `frequent`
among its own kind, and Fisher's exact test holds up (Benjamini-Hochberg at 5 %) over all groups of the report together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.change import change_in
from queries.measures.comparison import benjamini_hochberg, exact_tail, with_frequent
from queries.model.families import DAYPART, FAMILIES
from reports.drawing import words
from reports.sections.over_time.weeks_and_months import week_start

# Local hours from which the parts of a day begin.
_DAYPARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))
_WEEK = dt.timedelta(days=7)
_LATELY, _LONG_ENOUGH = 26 * _WEEK, 38 * _WEEK


@dataclass(frozen=True, slots=True)
class Standout:
    """A group above the others: its family and key, its name in a sentence, its counts and those of the rest.

    `lately` says that the counts are those of the last 26 weeks: over the whole time it does not stand out.
    """

    family: str
    key: str
    phrase: str
    no_shows: int
    marked: int
    rest_no_shows: int
    rest_marked: int
    score: float
    lately: bool

    @property
    def rate(self) -> float:
        """Its no-show rate."""
        return self.no_shows / self.marked

    @property
    def rest_rate(self) -> float:
        """The no-show rate of all the others together."""
        return self.rest_no_shows / self.rest_marked


@dataclass(frozen=True, slots=True)
class Standouts:
    """The flagged groups, the clearest first and persons last; how many had enough marked bookings to be tested.

    `since` is the Monday since which the first of them has a higher rate than before, if that is found; with under two
    years of records it may be a season (`since_may_be_season`).
    """

    found: tuple[Standout, ...]
    tested: int
    since: dt.date | None
    since_may_be_season: bool = False


NO_STANDOUTS = Standouts((), 0, None)


@dataclass(frozen=True, slots=True)
class _Look:
    """One kind of groups over one time: counts by group, the key in the first column, the label in the family's."""

    family: str
    frame: pl.DataFrame
    lately: bool


def standouts_among(
    by: Mapping[str, pl.DataFrame],
    weeks: pl.DataFrame,
    min_bookings: int,
    families: Sequence[str] = FAMILIES,
) -> Standouts:
    """Flagged groups among rates by `FAMILIES`, and, from the measure `weeks`, parts of the day at a location.

    All are tested over the whole time and, if that is long enough, over the last 26 weeks.
    """
    histories = {family: weeks.filter(pl.col("family") == family) for family in families}
    histories[DAYPART] = _dayparts(weeks.filter(pl.col("family") == DAYPART))
    looks = [_Look(family, by[family], False) for family in families]
    looks += [_Look(DAYPART, _totalled(histories[DAYPART], "daypart_id"), False)]
    looks += [_Look(family, _lately(histories[family], by.get(family), family), True) for family in histories]
    candidates = [
        (look, row)
        for look in looks
        for row in with_frequent(look.frame, min_bookings).to_dicts()
        if (row["rated_bookings"] or 0) >= min_bookings
    ]
    flags = benjamini_hochberg([_exact(row, look.frame) for look, row in candidates])
    flagged = [_standout(*each) for each, flag in zip(candidates, flags, strict=True) if flag and each[1]["frequent"]]
    found = _each_once(flagged)
    rise = _rise(histories[found[0].family], found[0]) if found else None
    tested = sum(not look.lately for look, _ in candidates)
    return Standouts(found, tested, *rise) if rise else Standouts(found, tested, None)


def _each_once(flagged: Sequence[Standout]) -> tuple[Standout, ...]:
    """One finding a group, that over the whole time if there are two; the clearest first, staff last."""
    whole = {(each.family, each.key) for each in flagged if not each.lately}
    kept = [each for each in flagged if not each.lately or (each.family, each.key) not in whole]
    return tuple(sorted(kept, key=lambda each: (each.family == "staff", -each.score, each.family, each.key)))


def _exact(row: Mapping[str, Any], frame: pl.DataFrame) -> float:
    return exact_tail(row["missed_bookings"] or 0, row["rated_bookings"], *_totals(frame))


def _totals(frame: pl.DataFrame) -> tuple[int, int]:
    return int(frame["missed_bookings"].sum()), int(frame["rated_bookings"].sum())


def _standout(look: _Look, row: Mapping[str, Any]) -> Standout:
    no_shows, marked = _totals(look.frame)
    return Standout(
        family=look.family,
        key=str(row[look.frame.columns[0]]),
        phrase=_phrase(look.family, row),
        no_shows=row["missed_bookings"],
        marked=row["rated_bookings"],
        rest_no_shows=no_shows - row["missed_bookings"],
        rest_marked=marked - row["rated_bookings"],
        score=row["excess_score"],
        lately=look.lately,
    )


def _phrase(family: str, row: Mapping[str, Any]) -> str:
    name = words.clean(row[family])
    return f"Sessions led by {name}" if family == "staff" else name


def _rise(weeks: pl.DataFrame, group: Standout) -> tuple[dt.date, bool] | None:
    """The Monday since which the rate of a group is higher, and whether a season may be the reason.

    Weeks without bookings count as 0 of 0.
    """
    key = pl.col(f"{group.family}_id").cast(pl.String).fill_null(str(None))
    mine = weeks.filter(key == group.key)
    counts = {week: (n or 0, k or 0) for week, n, k in mine.select("week", "rated_bookings", "missed_bookings").rows()}
    if not counts:
        return None
    mondays = [week_start(min(counts))]
    while mondays[-1] < max(counts):
        mondays.append(mondays[-1] + _WEEK)
    change = change_in([counts.get(monday, (0, 0)) for monday in mondays])
    if change.answer != "found" or change.shape != "step" or not change.rises:
        return None
    return mondays[change.first], not change.has_season


def _lately(weeks: pl.DataFrame, named: pl.DataFrame | None, family: str) -> pl.DataFrame:
    """Counts of the last 26 weeks by group, named as over all time; none if fewer than 13 weeks lie before them."""
    key = f"{family}_id"
    first, last = weeks["week"].min(), weeks["week"].max()
    long = isinstance(first, dt.date) and isinstance(last, dt.date) and last - first >= _LONG_ENOUGH
    recent = weeks.filter(pl.col("week") > last - _LATELY) if long and isinstance(last, dt.date) else weeks.clear()
    if named is None:
        return _totalled(recent, key)
    return (
        _totalled(recent.with_columns(pl.lit("").alias(family)), key)
        .drop(family)
        .join(named.select(key, family), on=key, how="left", nulls_equal=True, maintain_order="left")
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
    """Counts by location, hour and week as counts by part of the day at a location, and week."""
    part = pl.lit(_DAYPARTS[-1][1])
    for end, name in reversed(_DAYPARTS[:-1]):
        part = pl.when(pl.col("local_hour") < end).then(pl.lit(name)).otherwise(part)
    place = pl.when(pl.col("location").is_not_null()).then(pl.lit(" at ") + pl.col("location")).otherwise(pl.lit(""))
    return (
        hours.filter(pl.col("local_hour").is_not_null() & (pl.col("bookings") > 0))
        .with_columns(
            daypart_id=pl.concat_str(part, pl.lit("|"), pl.col("location_id").fill_null("")),
            daypart=pl.concat_str(part, pl.lit(" sessions"), place),
        )
        .group_by("daypart_id", "week")
        .agg(pl.col("daypart").max(), pl.col("rated_bookings", "missed_bookings").sum())
    )
