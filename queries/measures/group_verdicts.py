"""Answer once, for each group, whether it loses more or fewer of its bookings than the others. Pure.

Two comparisons bear on it. The plain one, with all the others together, sets the flag `frequent`. The one like for like
(`standardised`) asks the same of bookings that are alike in lead time, weekday, hour and so on, if a report has it.
The answer follows the second:

- found: it differs like for like, by Benjamini-Hochberg at 5 % over all groups that are compared so; or it is flagged,
  and like for like it loses more by a test at 5 % on that side; or it is flagged and not compared like for like.
- not found: otherwise. `is_explained` if it differs plainly and its bookings account for at least half of that.
  If hardly anybody else has such bookings, nothing can be said to explain it (`is_inseparable`).
- not tested: fewer bookings than `min_bookings` are rated, or there is nothing to compare them with.

A flag that has to be confirmed is found less often than the flag itself if nothing differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from queries.measures.associations import EXPLAINED, Answer
from queries.measures.clustering import Clustering
from queries.measures.comparison import FALSE_DISCOVERIES, POWER, benjamini_hochberg, normal_quantile
from queries.measures.frequent import flagged_together, standard_errors
from queries.measures.standardised import Standardised

# Two-sided, since the flag has named the side: 5 % on it.
_CONFIRMED = 0.1
_READ = ("missed_bookings", "rated_bookings", "p_value", "excess_score", "frequent", "few_people", "standard_error")
GroupKey = tuple[str, str]
Side = Literal["more", "fewer"]


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """Whether a group loses more or fewer of its bookings than the others, and the grounds of the answer.

    `side` is that of the difference seen, found or not; None if there is none, or nothing to compare. Counts are those
    of the group and of all others of its family. `is_flagged`: the plain comparison flags it (`frequent`).
    `few_people`: it would not be flagged without the three contacts with most no-shows; None if that is not known.
    `detectable` is the difference from the rate of the others, or of like bookings of others, from 0 to 1, that would
    have been found four times out of five among so many groups, were it the only one; None if not tested, or if hardly
    anybody else has such bookings. `score` orders the groups: the plain difference over its standard error.
    """

    family: str
    key: str
    answer: Answer
    side: Side | None
    missed: int
    rated: int
    rest_missed: int
    rest_rated: int
    score: float
    is_flagged: bool
    few_people: bool | None
    is_explained: bool
    detectable: float | None
    like_for_like: Standardised | None

    @property
    def rate(self) -> float:
        """Its no-show rate."""
        return self.missed / self.rated

    @property
    def rest_rate(self) -> float:
        """The no-show rate of all the others together."""
        return self.rest_missed / self.rest_rated

    @property
    def is_inseparable(self) -> bool:
        """Whether hardly anybody else has such bookings, so that they cannot be compared like for like."""
        return self.like_for_like is not None and not self.like_for_like.is_separable

    @property
    def is_turned(self) -> bool:
        """Whether it is found to lose fewer although its plain rate is above that of the others, or the reverse."""
        if self.answer != "found" or self.like_for_like is None or not self.rest_rated:
            return False
        return self.rate > self.rest_rate if self.side == "fewer" else self.rate < self.rest_rate

    def is_found(self, side: Side) -> bool:
        """Whether it is found to lose more, or fewer."""
        return self.answer == "found" and self.side == side


def group_verdicts(
    by: Mapping[str, pl.DataFrame],
    compared: Sequence[Standardised],
    clustering: Clustering,
    min_bookings: int,
    level: float = FALSE_DISCOVERIES,
) -> dict[GroupKey, GroupVerdict]:
    """The verdict on each group, by family and key; plain comparisons are all held to `level` together.

    `by` has counts by family as `frequent.with_frequent` makes them, with the key in the first column; `compared` are
    the groups that are compared like for like. A group without a key has the key `None`.
    """
    differing = benjamini_hochberg([group.p_value for group in compared])
    differing_plainly = benjamini_hochberg([group.crude_p_value for group in compared])
    alike = {
        (group.family, group.key): _LikeForLike(group, *found)
        for group, *found in zip(compared, differing, differing_plainly, strict=True)
    }
    frames = {
        family: frame.with_columns(standard_error=standard_errors(frame, clustering))
        for family, frame in flagged_together(by, min_bookings, level).items()
    }
    tested = sum(int((frame["rated_bookings"] >= min_bookings).sum()) for frame in frames.values())
    looked = _Looked(
        min_bookings,
        _standard_errors_found(level, tested),
        _standard_errors_found(FALSE_DISCOVERIES, 2 * len(compared)),
    )
    return {
        (family, key): _verdict(family, key, row, totals, alike.get((family, key)), looked)
        for family, frame in frames.items()
        for totals in [_totals(frame)]
        for key, row in _rows(frame)
    }


def _standard_errors_found(level: float, tests: int) -> float:
    """How many standard errors the only difference among so many one-sided tests has to have to be found.

    Benjamini and Hochberg hold the smallest p-value to the level over the number of tests.
    """
    return normal_quantile(level / max(1, tests)) + normal_quantile(1 - POWER)


@dataclass(frozen=True, slots=True)
class _Looked:
    """The fewest bookings that are tested, and how many standard errors are found plainly and like for like."""

    min_bookings: int
    plainly: float
    alike: float


@dataclass(frozen=True, slots=True)
class _LikeForLike:
    group: Standardised
    differs: bool
    differs_plainly: bool

    @property
    def confirms(self) -> bool:
        """Whether a group that is flagged loses more like for like as well."""
        return self.group.ratio > 1 and self.group.p_value <= _CONFIRMED


def _totals(frame: pl.DataFrame) -> tuple[int, int]:
    return int(frame["missed_bookings"].sum()), int(frame["rated_bookings"].sum())


def _rows(frame: pl.DataFrame) -> list[tuple[str, Mapping[str, Any]]]:
    keys = frame[frame.columns[0]].to_list()
    return [(str(key), row) for key, row in zip(keys, frame.select(_READ).iter_rows(named=True), strict=True)]


def _verdict(
    family: str,
    key: str,
    row: Mapping[str, Any],
    totals: tuple[int, int],
    alike: _LikeForLike | None,
    looked: _Looked,
) -> GroupVerdict:
    missed, rated = row["missed_bookings"] or 0, row["rated_bookings"] or 0
    answer = _answer(row, alike, looked.min_bookings)
    differs_plainly = row["frequent"] or (alike is not None and alike.differs_plainly)
    return GroupVerdict(
        family=family,
        key=key,
        answer=answer,
        side=_side(row, alike),
        missed=missed,
        rated=rated,
        rest_missed=totals[0] - missed,
        rest_rated=totals[1] - rated,
        score=row["excess_score"] or 0.0,
        is_flagged=row["frequent"],
        few_people=row["few_people"],
        is_explained=answer == "not found"
        and differs_plainly
        and alike is not None
        and _explains(alike.group, 1 - rated / totals[1]),
        detectable=None if answer == "not tested" else _detectable(row, alike, looked),
        like_for_like=alike.group if alike else None,
    )


def _answer(row: Mapping[str, Any], alike: _LikeForLike | None, min_bookings: int) -> Answer:
    if (row["rated_bookings"] or 0) < min_bookings or row["p_value"] is None:
        return "not tested"
    if alike is None:
        return "found" if row["frequent"] else "not found"
    return "found" if alike.differs or (row["frequent"] and alike.confirms) else "not found"


def _detectable(row: Mapping[str, Any], alike: _LikeForLike | None, looked: _Looked) -> float | None:
    if alike is None:
        plainly: float = looked.plainly * row["standard_error"]
        return plainly
    group = alike.group
    return looked.alike * group.standard_error / group.separable if group.is_separable else None


def _side(row: Mapping[str, Any], alike: _LikeForLike | None) -> Side | None:
    excess = alike.group.ratio - 1 if alike else row["excess_score"] or 0.0
    return None if not excess else "more" if excess > 0 else "fewer"


def _explains(group: Standardised, rest: float) -> bool:
    """Whether little of the difference from the others, which are that part of all, is left from like bookings.

    Both ratios are against bookings that are partly the group's own, which makes both differences smaller.
    """
    return (
        group.is_separable and abs(group.ratio - 1) / group.separable <= EXPLAINED * abs(group.crude_ratio - 1) / rest
    )
