"""Locations, services and staff compared like for like: the table, and a sentence on each that has something to say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from queries.measures import cells as cells_of
from queries.measures.group_verdicts import GroupKey, GroupVerdict
from queries.measures.standardised import Standardised, standardised
from queries.model.factors import COMPARED
from reports.drawing import words
from reports.sections.factors.content import Modelled
from reports.sections.where.verdict_words import Family, alike_in_words, like_for_like_in_words

MOST_ROWS = 20


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """A group with its no-shows beside those expected of the same bookings elsewhere."""

    name: str
    verdict: GroupVerdict
    group: Standardised

    @property
    def is_compared(self) -> bool:
        """Whether anybody else has bookings like its own; without them its ratio of about 1 says nothing of it."""
        return self.verdict.answer == "found" or not self.verdict.is_inseparable


@dataclass(frozen=True, slots=True)
class LikeForLike:
    """The groups that are compared like for like, those found first; `cap` says how many of them are here.

    `title` says which of them are found to differ, `sentences` are on single groups.
    """

    rows: tuple[AlikeRow, ...]
    cap: str | None
    sentences: tuple[str, ...]
    title: str = ""


def compared_in(modelled: Modelled, min_bookings: int) -> tuple[Standardised, ...]:
    """The groups of all families, each by a model without its own family; none if nothing can be modelled."""
    cells, fit = modelled.cells, modelled.fit
    if fit is None:
        return ()
    without = {"service": cells_of.model(cells, [name for name in cells.levels if name != "service"])}
    return tuple(
        group
        for family in COMPARED
        for group in standardised(cells, family, without.get(family, fit), min_bookings, modelled.design_effects)
    )


def like_for_like_of(verdicts: Mapping[GroupKey, GroupVerdict], names: Mapping[GroupKey, str]) -> LikeForLike | None:
    """From the verdicts on all groups; None if none is compared like for like."""
    rows = [
        AlikeRow(names[key], verdict, verdict.like_for_like)
        for key, verdict in verdicts.items()
        # A series may have the verdict on its service, which has a row of its own.
        if verdict.like_for_like and verdict.like_for_like.family == verdict.family
    ]
    if not rows:
        return None
    rows.sort(key=_order)
    cap = f"{words.of(MOST_ROWS, len(rows))} shown" if len(rows) > MOST_ROWS else None
    return LikeForLike(tuple(rows[:MOST_ROWS]), cap, _sentences(rows), _title(rows))


def _title(rows: Sequence[AlikeRow]) -> str:
    return alike_in_words(Family("groups", [(row.name, row.verdict) for row in rows]))


def _sentences(rows: Sequence[AlikeRow]) -> tuple[str, ...]:
    said = (like_for_like_in_words(row.name, row.verdict) for row in rows)
    return tuple(sentence for sentence in said if sentence)


def _order(row: AlikeRow) -> tuple[bool, bool, bool, float, str, str]:
    """Those found first, then those explained; of each by the ratio shown; those that cannot be compared last."""
    return (
        row.verdict.answer != "found",
        not row.verdict.is_explained,
        not row.is_compared,
        -(row.group.ratio if row.is_compared else row.group.crude_ratio),
        row.group.family,
        row.group.key,
    )
