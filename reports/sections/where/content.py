"""Rates by service, series, location and staff: tables, verdicts on their groups, like for like, funnel plots."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from queries.measures.group_verdicts import GroupKey, GroupVerdict, group_verdicts
from queries.measures.standardised import Standardised
from queries.model.families import FAMILIES
from reports.drawing.group_names import group_name
from reports.sections.factors import content as factors
from reports.sections.headline import content as headline
from reports.sections.over_time.weeks_and_months import is_by_month
from reports.sections.section import Inputs
from reports.sections.where.funnels import FunnelPlot, funnel_plot
from reports.sections.where.like_for_like import LikeForLike, compared_in, like_for_like_of
from reports.sections.where.rankings import Ranking, RankingKind, ranking_of
from reports.sections.where.same_bookings import with_one_verdict
from reports.sections.where.standouts import NO_STANDOUTS, Standouts, standouts_among
from reports.sharing.rounding import SHARED_SPLITS

RANKINGS = (
    RankingKind("service", "service", "services", 50, "the database"),
    RankingKind("series", "session series", "session series", 25, "the database"),
    RankingKind("location", "location", "locations", 50, "the database"),
    RankingKind("staff", "member of staff", "members of staff", 50, "the database"),
)
# Groupings with a funnel plot, and the noun for their groups.
_FUNNELS = {"staff": "members of staff", "location": "locations"}


def compared(inputs: Inputs) -> tuple[Standardised, ...]:
    """Locations, services and staff beside the same bookings elsewhere; none if the report has no model of them."""
    modelled = inputs.content(factors.modelled)
    return compared_in(modelled, inputs.about.options.min_bookings) if modelled else ()


def verdicts(inputs: Inputs) -> Mapping[GroupKey, GroupVerdict]:
    """Whether each group loses more or fewer than the others, by family and key: every word on it comes from here."""
    alike = inputs.content(compared) or ()
    each = group_verdicts(_groups(inputs), alike, inputs.frames.clustering, inputs.about.options.min_bookings)
    return with_one_verdict(each, inputs.frames.rows["weeks"]) if alike else each


def standouts(inputs: Inputs) -> Standouts:
    """The groups that lose more bookings than the others."""
    frames, options = inputs.frames, inputs.about.options
    found = inputs.content(verdicts) or {}
    weeks, halves = frames.rows["weeks"], frames.rows["halves"]
    return standouts_among(found, _groups(inputs), weeks, frames.clustering, options.min_bookings, halves)


def like_for_like(inputs: Inputs) -> LikeForLike | None:
    """The table of groups beside the same bookings elsewhere; None if the report has no model of them."""
    names = {
        (family, str(key)): group_name(family, name)
        for family, rates in _groups(inputs).items()
        for key, name in rates.select(rates.columns[0], family).iter_rows()
    }
    return like_for_like_of(inputs.content(verdicts) or {}, names)


def rankings(inputs: Inputs) -> tuple[Ranking, ...]:
    """A ranked table for each grouping, in a shared report only for those that name nobody; none for a shared part."""
    about, frames = inputs.about, inputs.frames
    if about.is_shared_part:
        return ()
    lately = _lately(inputs)
    return tuple(
        ranking_of(
            kind,
            frames.by[kind.grouping],
            headline.content(inputs).no_show_rate,
            about.options.min_bookings,
            inputs.content(verdicts) or {},
            lately,
            about.options.enough_coverage,
            headline.content(inputs).one,
        )
        for kind in RANKINGS
        if _is_allowed(kind.grouping, inputs)
    )


def funnels(inputs: Inputs) -> tuple[FunnelPlot, ...]:
    """A funnel plot for each grouping with enough groups."""
    plots = (
        funnel_plot(
            inputs.frames.by[grouping],
            grouping,
            many,
            inputs.about.options.min_bookings,
            inputs.content(verdicts) or {},
            headline.content(inputs).one,
            _lately(inputs),
        )
        for grouping, many in _FUNNELS.items()
        if _is_allowed(grouping, inputs)
    )
    return tuple(plot for plot in plots if plot is not None)


def _lately(inputs: Inputs) -> frozenset[GroupKey]:
    """The groups that stand out in the last 26 weeks only."""
    found = (inputs.content(standouts) or NO_STANDOUTS).found
    return frozenset((each.family, each.key) for each in found if each.lately)


def _groups(inputs: Inputs) -> dict[str, pl.DataFrame]:
    """Counts by family, without the groups whose counts are withheld from a shared report."""
    return {
        family: inputs.frames.by[family].drop_nulls("missed_bookings")
        for family in FAMILIES
        if _is_allowed(family, inputs)
    }


def _is_allowed(grouping: str, inputs: Inputs) -> bool:
    if grouping == "series" and is_by_month(inputs.frames.by["day"]):
        return False  # a series is of one weekday
    return not inputs.about.options.share or grouping in SHARED_SPLITS
