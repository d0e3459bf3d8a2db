"""Groups that lose more bookings than the others beyond chance, and since when.

The groups of all families over the whole time are tested together (`queries.measures.frequent`), and are those that the
view `frequent_no_shows` flags. Two further looks, at the last 26 weeks and at parts of the day, are tested together at
1 %, so that looking more often hardly means finding more by chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from queries.measures.between_periods import BetweenPeriods, between_periods
from queries.measures.change import change_in
from queries.measures.clustering import Clustering
from queries.measures.comparison import FALSE_DISCOVERIES
from queries.measures.frequent import flagged_together, with_frequent
from queries.model.families import DAYPART, FAMILIES
from reports.drawing import words
from reports.sections.over_time.weeks_and_months import week_start

# Local hours from which the parts of a day begin.
_DAYPARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))
_WEEK = dt.timedelta(days=7)
_FURTHER_LEVEL = 0.01
_SQUARES = ("contact_squares", "session_squares", "top_missed", "top_rated", "top_squares")
_LATELY, _LONG_ENOUGH = 26 * _WEEK, 38 * _WEEK


@dataclass(frozen=True, slots=True)
class Standout:
    """A group above the others: its family and key, its name in a sentence, its counts and those of the rest.

    `lately` says that the counts are those of the last 26 weeks: over the whole time it does not stand out.
    `few_people`: it would not stand out without the three contacts with most no-shows; None if that is not known.
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
    few_people: bool | None

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
    """One kind of groups over one time: tested groups, the key in the first column, the label in the family's."""

    family: str
    frame: pl.DataFrame
    lately: bool = False


def standouts_among(
    by: Mapping[str, pl.DataFrame],
    weeks: pl.DataFrame,
    clustering: Clustering,
    min_bookings: int,
    families: Sequence[str] = FAMILIES,
    halves: pl.DataFrame | None = None,
) -> Standouts:
    """Flagged groups among rates by `FAMILIES`, and, from the measure `weeks`, parts of the day at a location.

    All are tested over the whole time and, if that is long enough, over the last 26 weeks. Counts by week have no
    squares. In the further looks a group has the design effect that it has over the whole time, which is larger since
    more of its bookings are of one contact, and a part of the day has that of all bookings. `halves`, the measure, says
    how differently the contacts of a group book over time, for the Monday since which its rate is higher.
    """
    histories = {family: weeks.filter(pl.col("family") == family) for family in families}
    histories[DAYPART] = _dayparts(weeks.filter(pl.col("family") == DAYPART))
    looks = [_Look(family, by[family]) for family in families]
    whole = [*looks, _Look(DAYPART, _totalled(histories[DAYPART], "daypart_id"))]
    recent = [_Look(family, _lately(histories[family], by.get(family), family), lately=True) for family in histories]
    further = [replace(look, frame=_tested(look.frame, clustering, min_bookings)) for look in (whole[-1], *recent)]
    found = _each_once([*_flagged(looks, min_bookings), *_flagged(further, min_bookings, _FURTHER_LEVEL)])
    rise = None
    if found:
        sides = _sides(halves, found[0])
        rated = int(by[found[0].family]["rated_bookings"].sum()) if found[0].family in by else 0
        rise = _rise(histories[found[0].family], found[0], between_periods(clustering, rated, sides))
    tested = sum(int((look.frame["rated_bookings"] >= min_bookings).sum()) for look in whole)
    return Standouts(found, tested, *rise) if rise else Standouts(found, tested, None)


def _each_once(flagged: Sequence[Standout]) -> tuple[Standout, ...]:
    """One finding a group, that over the whole time if there are two; the clearest first, staff last."""
    whole = {(each.family, each.key) for each in flagged if not each.lately}
    kept = [each for each in flagged if not each.lately or (each.family, each.key) not in whole]
    return tuple(sorted(kept, key=lambda each: (each.family == "staff", -each.score, each.family, each.key)))


def _flagged(looks: Sequence[_Look], min_bookings: int, level: float = FALSE_DISCOVERIES) -> list[Standout]:
    """The groups that are flagged if those of all the looks are tested together."""
    frames = flagged_together({str(at): look.frame for at, look in enumerate(looks)}, min_bookings, level)
    return [
        _standout(look, row) for at, look in enumerate(looks) for row in frames[str(at)].filter("frequent").to_dicts()
    ]


def _tested(frame: pl.DataFrame, clustering: Clustering, min_bookings: int) -> pl.DataFrame:
    """Counts without squares as groups that can be flagged."""
    if "design_effect" not in frame.columns:
        frame = frame.with_columns(design_effect=pl.lit(clustering.whole))
    unknown = (pl.lit(None, pl.Int64).alias(name) for name in _SQUARES)
    return with_frequent(frame.with_columns(*unknown), min_bookings, clustering)


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
        few_people=row["few_people"],
    )


def _phrase(family: str, row: Mapping[str, Any]) -> str:
    name = words.clean(row[family])
    return f"Sessions led by {name}" if family == "staff" else name


def _sides(halves: pl.DataFrame | None, group: Standout) -> Mapping[str, Any] | None:
    """How often the contacts of a group booked in each half of the time; None if that was not counted.

    For a part of the day those of all contacts are taken.
    """
    if halves is None or "family" not in halves.columns:
        return None
    if group.family == DAYPART:
        mine = halves.filter(pl.col("family").is_null())
    else:
        mine = halves.filter(family=group.family).filter(_is_key(f"{group.family}_id", group))
    return mine.row(0, named=True) if mine.height else None


def _is_key(column: str, group: Standout) -> pl.Expr:
    return pl.col(column).cast(pl.String).fill_null(str(None)) == group.key


def _rise(weeks: pl.DataFrame, group: Standout, between: BetweenPeriods) -> tuple[dt.date, bool] | None:
    """The Monday since which the rate of a group is higher, and whether a season may be the reason.

    Weeks without bookings count as 0 of 0.
    """
    mine = weeks.filter(_is_key(f"{group.family}_id", group))
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
    recent = weeks.filter(pl.col("week") > last - _LATELY) if long and isinstance(last, dt.date) else weeks.clear()
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
        .agg(pl.col("daypart").max(), pl.col("rated_bookings", "missed_bookings", "session_squares").sum())
    )
