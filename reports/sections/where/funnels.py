"""Funnel plots: each group against the limits that chance allows for its size."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from queries.measures.funnel import ACTION, WARNING, Funnel, funnel
from reports.drawing import words

_STEPS = 40


@dataclass(frozen=True, slots=True)
class Dot:
    """A group: marked bookings, rate, and its position in words."""

    name: str
    no_shows: int
    marked: int
    rate: float
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


_VERDICTS = {
    "beyond high": "above the range of chance",
    "near high": "high, though chance allows it now and then",
    "within": "within the range of chance",
    "near low": "low, though chance allows it now and then",
    "beyond low": "below the range of chance",
}


def funnel_plot(
    rates: pl.DataFrame, grouping: str, many: str, min_bookings: int, counted: str = "marked booking"
) -> FunnelPlot | None:
    """The plot of rates by a grouping; None if fewer than three groups have enough marked bookings."""
    known = rates.filter((pl.col("rated_bookings") >= min_bookings) & pl.col("missed_bookings").is_not_null())
    known = known.sort("rated_bookings", grouping)
    found = funnel(list(known.select("rated_bookings", "missed_bookings").iter_rows()))
    if found is None:
        return None
    dots = tuple(
        Dot(words.clean(name), k, n, k / n, _VERDICTS[found.verdict(k, n)])
        for name, n, k in known.select(grouping, "rated_bookings", "missed_bookings").iter_rows()
    )
    summary = _summary(dots, many, found.phi)
    return FunnelPlot(many, found.centre, found.phi, dots, _limits(found, dots), summary, counted)


def _limits(found: Funnel, dots: tuple[Dot, ...]) -> tuple[Limit, ...]:
    """Limits from the smallest group to the largest, with some room on both sides."""
    low, high = 0.8 * dots[0].marked, 1.05 * dots[-1].marked
    sizes = [low * (high / low) ** (step / _STEPS) for step in range(_STEPS + 1)]
    return tuple(Limit(n, *found.limits(n, WARNING), *found.limits(n, ACTION)) for n in sizes)


def _summary(dots: tuple[Dot, ...], many: str, phi: float) -> str:
    above = [dot.name for dot in dots if dot.verdict == _VERDICTS["beyond high"]]
    below = [dot.name for dot in dots if dot.verdict == _VERDICTS["beyond low"]]
    said = [
        f"{words.listed(names)} {'lies' if len(names) == 1 else 'lie'} {place} the limits"
        for names, place in ((above, "above"), (below, "below"))
        if names
    ]
    if not said:
        if phi > 1:
            return f"All {many} differ by more than chance, and none stands out from that."
        return f"All {many} lie within the limits: they differ no more than chance would make them."
    return f"{'; '.join(said)}. Limits leave room for chance, not for the kind of sessions or of clients."
