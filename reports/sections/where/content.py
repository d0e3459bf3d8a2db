"""Rates by service, series, location and staff: ranked tables, groups that stand out, funnel plots."""

from __future__ import annotations

from queries.model.families import FAMILIES
from reports.sections.headline import content as headline
from reports.sections.section import Inputs
from reports.sections.where.funnels import FunnelPlot, funnel_plot
from reports.sections.where.rankings import Ranking, RankingKind, ranking_of
from reports.sections.where.standouts import NO_STANDOUTS, Standouts, standouts_among
from reports.sharing.rounding import SHARED_SPLITS

RANKINGS = (
    RankingKind("service", "service", "services", 50, "the view no_show_by_service"),
    RankingKind("series", "session series", "session series", 25, "the view no_show_by_series"),
    RankingKind("location", "location", "locations", 50, "the view no_show_by_location"),
    RankingKind("staff", "member of staff", "members of staff", 50, "the view no_show_by_staff"),
)
# Groupings with a funnel plot, and the noun for their groups.
_FUNNELS = {"staff": "members of staff", "location": "locations"}


def rankings(inputs: Inputs) -> tuple[Ranking, ...]:
    """A ranked table for each grouping, in a shared report only for those that name nobody; none for a shared part."""
    about, frames = inputs.about, inputs.frames
    if about.is_shared_part:
        return ()
    flagged = (inputs.content(standouts) or NO_STANDOUTS).found
    return tuple(
        ranking_of(
            kind,
            frames.by[kind.grouping],
            headline.content(inputs).no_show_rate,
            about.options.min_bookings,
            {each.key: each.lately for each in flagged if each.family == kind.grouping},
            about.options.enough_coverage,
            headline.content(inputs).one,
        )
        for kind in RANKINGS
        if _is_allowed(kind.grouping, inputs)
    )


def standouts(inputs: Inputs) -> Standouts:
    """The groups that lose more bookings than chance would explain."""
    frames, options = inputs.frames, inputs.about.options
    groups = {name: rates.drop_nulls("missed_bookings") for name, rates in frames.by.items()}
    families = SHARED_SPLITS if options.share else FAMILIES
    weeks, halves = frames.rows["weeks"], frames.rows["halves"]
    return standouts_among(groups, weeks, frames.clustering, options.min_bookings, families, halves)


def funnels(inputs: Inputs) -> tuple[FunnelPlot, ...]:
    """A funnel plot for each grouping with enough groups."""
    plots = (
        funnel_plot(
            inputs.frames.by[grouping],
            grouping,
            many,
            inputs.about.options.min_bookings,
            headline.content(inputs).one,
        )
        for grouping, many in _FUNNELS.items()
        if _is_allowed(grouping, inputs)
    )
    return tuple(plot for plot in plots if plot is not None)


def _is_allowed(grouping: str, inputs: Inputs) -> bool:
    return not inputs.about.options.share or grouping in SHARED_SPLITS
