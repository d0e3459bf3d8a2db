"""A group that stands out, named once: of groups of the same bookings, or of a part of them, one is reported."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.group_verdicts import GroupVerdict
from queries.model.families import DAYPART
from reports.drawing.anchors import row_id
from reports.drawing.group_names import is_nameless

# Local hours until which the parts of a day last.
DAYPARTS = ((12, "Morning"), (17, "Afternoon"), (24, "Evening"))
LATELY = dt.timedelta(weeks=26)
_SERIES = "series"
_HOLD_SERIES = ("service", "location", "staff")
# The share of the no-shows too many of a group that one of its parts has if it explains the group.
_MOST = 2 / 3
# A group, by family and key.
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Standout:
    """A group that loses more than the others: its name in a sentence, and the verdict on it.

    `lately` says that the verdict is on the last 26 weeks: over the whole time it does not stand out.
    """

    phrase: str
    lately: bool
    verdict: GroupVerdict

    @property
    def family(self) -> str:
        """The family of the group."""
        return self.verdict.family

    @property
    def key(self) -> str:
        """Its key within the family."""
        return self.verdict.key

    @property
    def id(self) -> str:
        """The id of its line, if it is a part of the day: those have no row in a table."""
        return row_id("standout", None, f"{self.family}|{self.key}")

    @property
    def mid_sentence(self) -> str:
        """The phrase within a sentence: names keep their capital, descriptions such as "Evening sessions" do not."""
        is_described = self.family in (DAYPART, "staff") or is_nameless(self.phrase)
        return self.phrase[:1].lower() + self.phrase[1:] if is_described else self.phrase


def each_once(found: Sequence[Standout], histories: Mapping[str, pl.DataFrame]) -> tuple[Standout, ...]:
    """One finding for the same bookings, that over the whole time if there are two; the clearest first, staff last.

    `histories` has the counts by week of each family; those of series name their service, location, member of staff and
    hour.
    """
    whole = {(each.family, each.key) for each in found if not each.lately}
    kept = [each for each in found if not each.lately or (each.family, each.key) not in whole]
    kept = _without_equal(kept, histories)
    kept = _without_nested(kept, {each.key: _holders_of_part(each.key) for each in kept if each.family == DAYPART})
    series = histories.get(_SERIES)
    if series is not None:
        held = {each.key: _holders_of_series(series, each.verdict) for each in kept if each.family == _SERIES}
        kept = _without_nested(kept, held, _SERIES)
    return tuple(sorted(kept, key=lambda each: _order(each.verdict)))


def is_judged_otherwise(
    part: Standout, verdicts: Iterable[GroupVerdict], histories: Mapping[str, pl.DataFrame]
) -> bool:
    """Whether a part of the day is the very bookings of a group that is compared like for like and does not lose more.

    Evening sessions at a location that are all one course were said to lose more, and the course to lose fewer.
    """
    history = _history(part, histories[part.family])
    return any(
        _history(Standout("", part.lately, each), histories[each.family]) == history
        for each in verdicts
        if each.family in histories
        and each.like_for_like is not None
        and each.answer != "not tested"
        and not each.is_found("more")
        and (each.missed, each.rated) == (part.verdict.missed, part.verdict.rated)
    )


def is_key(column: str, group: GroupVerdict) -> pl.Expr:
    """Whether a row is of a group, whose key is in a column; groups without a key are one."""
    return pl.col(column).cast(pl.String).fill_null(str(None)) == group.key


def part_of_day(hour: int) -> str:
    """The part of the day that a local hour is in."""
    return next(name for end, name in DAYPARTS if hour < end)


def _without_equal(found: Sequence[Standout], histories: Mapping[str, pl.DataFrame]) -> list[Standout]:
    """Of groups with the same counts in every week one: a location, say, and not the person who leads all of it.

    The frames hold counts and no bookings, but no two groups have the same counts week after week by chance.
    """
    families, seen, kept = list(histories), set[tuple[bool, frozenset[Any]]](), []
    for each in sorted(found, key=lambda one: (one.family == "staff", families.index(one.family))):
        history = (each.lately, _history(each, histories[each.family]))
        if history not in seen or not history[1]:
            kept.append(each)
        seen.add(history)
    return kept


def _history(group: Standout, weeks: pl.DataFrame) -> frozenset[Any]:
    if group.lately:
        weeks = weeks.filter(pl.col("week") > pl.col("week").max() - LATELY)
    mine = weeks.filter(is_key(f"{group.family}_id", group.verdict) & (pl.col("rated_bookings") > 0))
    return frozenset(mine.select("week", "rated_bookings", "missed_bookings", "session_squares").iter_rows())


def _without_nested(
    found: Sequence[Standout], holders: Mapping[str, frozenset[_Key]], family: str = DAYPART
) -> list[Standout]:
    """Without groups of a family, or groups that hold them, that repeat each other.

    One part that explains the group that holds it stays; otherwise the group speaks for its parts. `holders` has the
    groups that hold each part, by its key.
    """
    parts = [each for each in found if each.family == family]
    repeated: list[Standout] = []
    for whole in found:
        mine = [part for part in parts if (whole.family, whole.key) in holders.get(part.key, ())]
        if mine:
            repeated += [whole] if len(mine) == 1 and _explains(mine[0], whole) else mine
    return [each for each in found if each not in repeated]


def _explains(part: Standout, whole: Standout) -> bool:
    """Whether a part stands out more clearly than the group that holds it, or has most of its no-shows too many."""
    if part.lately > whole.lately:
        return False
    in_part, in_whole = (_too_many(each.verdict, whole.verdict.rest_rate) for each in (part, whole))
    has_most = part.lately == whole.lately and in_part > _MOST * in_whole
    return has_most or part.verdict.score > whole.verdict.score


def _too_many(group: GroupVerdict, rate: float) -> float:
    """The no-shows of a group above those of as many bookings at a rate."""
    return group.missed - group.rated * rate


def _holders_of_part(key: str) -> frozenset[_Key]:
    """The location of a part of its day."""
    return frozenset({("location", key.partition("|")[2] or str(None))})


def _holders_of_series(weeks: pl.DataFrame, series: GroupVerdict) -> frozenset[_Key]:
    """The service, location, member of staff and part of the day that a session series is in."""
    mine = weeks.filter(is_key("series_id", series))
    return frozenset(_holders_in(mine.row(0, named=True))) if mine.height else frozenset()


def _holders_in(row: Mapping[str, Any]) -> Iterator[_Key]:
    yield from ((family, str(row[f"{family}_id"])) for family in _HOLD_SERIES)
    # A source that gives dates only has its sessions at midnight.
    if row["local_hour"]:
        yield DAYPART, f"{part_of_day(row['local_hour'])}|{row['location_id'] or ''}"


def _order(verdict: GroupVerdict) -> tuple[bool, float, str, str]:
    return verdict.family == "staff", -verdict.score, verdict.family, verdict.key
