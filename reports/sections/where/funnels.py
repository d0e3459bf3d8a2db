"""Funnel plots: each group against the limits that chance allows for its size.

The limits are drawn to be looked at. Whether a group differs from the others is answered by its verdict, which the dots
and the words follow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import polars as pl

from queries.measures.funnel import ACTION, WARNING, Funnel, funnel
from queries.measures.group_verdicts import GroupKey, GroupVerdict
from reports.drawing.group_names import group_name
from reports.sections.where.verdict_words import Family, dot_words, family_in_words

_STEPS = 40


@dataclass(frozen=True, slots=True)
class Dot:
    """A group: marked bookings, rate, whether it is found to differ from the others, and that in words."""

    name: str
    no_shows: int
    marked: int
    rate: float
    is_found: bool
    verdict: str


@dataclass(frozen=True, slots=True)
class Limit:
    """The limits for a group of so many marked bookings: 95 % (warning) and 99.8 % (action)."""

    marked: float
    warning_low: float
    warning_high: float
    action_low: float
    action_high: float


@dataclass(frozen=True, slots=True)
class FunnelPlot:
    """A funnel plot, its message in words, and the noun for the denominator of the rates."""

    many: str
    centre: float
    phi: float
    dots: tuple[Dot, ...]
    limits: tuple[Limit, ...]
    summary: str
    counted: str = "marked booking"


def funnel_plot(
    rates: pl.DataFrame,
    grouping: str,
    many: str,
    min_bookings: int,
    verdicts: Mapping[GroupKey, GroupVerdict],
    counted: str = "marked booking",
    lately: Collection[GroupKey] = (),
) -> FunnelPlot | None:
    """The plot of rates by a grouping; None if fewer than three groups have enough marked bookings.

    `lately` has the keys of groups that stand out in the last 26 weeks only, which the dots say in words.
    """
    known = rates.filter((pl.col("rated_bookings") >= min_bookings) & pl.col("missed_bookings").is_not_null())
    known = known.sort("rated_bookings", grouping)
    counts = known.select("rated_bookings", "missed_bookings")
    found = funnel(list(counts.iter_rows()), known["design_effect"].fill_null(1.0).to_list())
    if found is None:
        return None
    keys = [(grouping, str(key)) for key in known[f"{grouping}_id"]]
    of_groups = [verdicts.get(key) for key in keys]
    names = [group_name(grouping, name) for name in known[grouping]]
    dots = tuple(
        Dot(name, k, n, k / n, verdict is not None and verdict.answer == "found", dot_words(verdict, key in lately))
        for name, key, verdict, (n, k) in zip(names, keys, of_groups, counts.iter_rows(), strict=True)
    )
    summary = family_in_words(
        Family(many, [(name, each) for name, each in zip(names, of_groups, strict=True) if each is not None])
    )
    return FunnelPlot(many, found.centre, found.phi, dots, _limits(found, dots), summary, counted)


def _limits(found: Funnel, dots: tuple[Dot, ...]) -> tuple[Limit, ...]:
    """Limits from the smallest group to the largest, with some room on both sides."""
    low, high = 0.8 * dots[0].marked, 1.05 * dots[-1].marked
    sizes = [low * (high / low) ** (step / _STEPS) for step in range(_STEPS + 1)]
    return tuple(Limit(n, *found.limits(n, WARNING), *found.limits(n, ACTION)) for n in sizes)
