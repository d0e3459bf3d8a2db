"""The headline: the rate over all, its denominator and its limits, and the figures beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from queries.gathered import Period
from queries.measures.between_periods import INDEPENDENT, BetweenPeriods
from queries.measures.differences import Rated
from reports.measured.frames import PERIODS
from reports.scope.period import period_before
from reports.sections.headline.change import LATEST_WEEKS, Comparison, comparison, days_in, latest, rated_over, recent
from reports.sections.headline.facts import Fact, Share, facts_of, shares_of
from reports.sections.headline.figures import ENOUGH_COVERAGE, Headline
from reports.sections.headline.notice import Notice, notice_in_words, notice_of
from reports.sections.headline.sources import SourceMarks, has_registers, no_registers, sources_of
from reports.sections.section import Inputs


def content(inputs: Inputs) -> Headline:
    """The headline of a report."""
    frames = inputs.frames
    sources = sources_of(frames.rows.get("regimes"))
    made = headline_of(frames.overall, inputs.about.options.enough_coverage, sources)
    # A shared part has no more counts than its rate is made of.
    cancelled = None if inputs.about.is_shared_part else frames.overall["cancelled_bookings"][0]
    return replace(made, is_empty=_is_empty(inputs), cancelled_bookings=cancelled)


def _is_empty(inputs: Inputs) -> bool:
    """Whether nothing was ever loaded. Neither a lake nor a shared report has the list of loads."""
    loads = inputs.frames.records.get("loads")
    has_list = inputs.about.engine is None and not inputs.about.options.share
    return has_list and loads is not None and loads.is_empty()


def shares(inputs: Inputs) -> tuple[Share, ...]:
    """The bar of due bookings by outcome."""
    return shares_of(content(inputs))


def facts(inputs: Inputs) -> tuple[Fact, ...]:
    """The figures beside the headline; none in the shared report of a part, or if nothing was booked."""
    row = inputs.frames.overall.row(0, named=True)
    is_empty = content(inputs).bookings == 0 and row["cancelled_bookings"] == 0
    if is_empty or inputs.about.is_shared_part:
        return ()
    return facts_of(row, inputs.about.site, inputs.about.options.share, content(inputs).has_registers)


def notice(inputs: Inputs) -> tuple[Notice, ...]:
    """How long before the start bookings were cancelled; in no shared report, and none if no cancel time is known."""
    return () if inputs.about.options.share else notice_of(inputs.frames.by["notice"])


def notice_title(inputs: Inputs) -> str | None:
    """The finding on the notice of cancellations; None without any."""
    return notice_in_words(notice(inputs)) or None


def change(inputs: Inputs) -> Comparison | None:
    """The period of the report against the one before; without a period, the last four weeks against those before.

    A shared report leaves out the four weeks, which its weeks could be subtracted from, and periods with a withheld
    count.
    """
    about, frames = inputs.about, inputs.frames
    if about.is_shared_part:
        return None
    if about.period and about.before:
        alike = frames.between.get(PERIODS, INDEPENDENT)
        return _change_of_periods(frames.overall, about.period, frames.before, about.before, alike)
    if about.options.share:
        return None
    now = recent(about.settled)
    before = period_before(now, about.options.compare)
    alike = frames.between.get(LATEST_WEEKS, INDEPENDENT)
    counts_now, counts_before = (rated_over(days_in(frames.by["day"], period), alike) for period in (now, before))
    return latest(now, counts_now, before, counts_before) if counts_now.rated else None


def _change_of_periods(
    rates_now: pl.DataFrame,
    now: Period,
    rates_before: pl.DataFrame | None,
    before: Period,
    alike: BetweenPeriods,
) -> Comparison | None:
    for rates in (rates_now, rates_before):
        if rates is not None and (rates["rated_bookings"].has_nulls() or rates["missed_bookings"].has_nulls()):
            return None
    counts_before = Rated(0, 0) if rates_before is None else rated_over(rates_before, alike)
    return comparison(now, rated_over(rates_now, alike), before, counts_before)


def headline_of(
    overall: pl.DataFrame, enough_coverage: float = ENOUGH_COVERAGE, sources: tuple[SourceMarks, ...] = ()
) -> Headline:
    """The headline from the one row of `queries.no_show_rates(con, by=())`, and how its sources record attendance."""
    row = overall.row(0, named=True)
    counts = {name: row[name] for name in Headline.__slots__ if name in row}
    reason = _coverage_reason(row, sources)
    return Headline(**counts, enough_coverage=enough_coverage, sources=sources, coverage_reason=reason)


def _coverage_reason(row: Mapping[str, Any], sources: tuple[SourceMarks, ...]) -> str | None:
    """Why there is no coverage; None if there is one."""
    if row["coverage"] is not None:
        return None
    if not has_registers(sources):
        return no_registers(sources)
    return "no booking is past" if row["bookings"] == 0 else "its counts are withheld"
