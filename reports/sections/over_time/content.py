"""The rate by week or month on a p' chart, and whether it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from queries.measures.between_periods import INDEPENDENT, BetweenPeriods
from queries.measures.change_verdict import ChangeNotTested, ChangeVerdict, Unit
from queries.measures.control_chart import FEWEST_POINTS, ControlChart, control_chart
from reports.measured.frames import HALVES, Needs
from reports.scope.options import Policy
from reports.sections.headline import content as headline
from reports.sections.over_time import in_words
from reports.sections.over_time.change_words import change_in_words, title_of
from reports.sections.over_time.course import OUTSIDE, Course, Point
from reports.sections.over_time.policies import policies_of, stretches_of
from reports.sections.over_time.weeks_and_months import LABEL, every_start, partial_periods
from reports.sections.section import Inputs


def content(inputs: Inputs) -> Course:
    """The section of a report. Changes of policy are in no shared report."""
    about, overall = inputs.about, headline.content(inputs)
    return course_of(
        inputs.frames.by,
        overall.no_show_rate,
        about.settled,
        about.options.min_bookings,
        () if about.options.share else about.options.policies,
        overall.one,
        {where: inputs.frames.counts[name] for where, name in POLICY_FRAMES.items() if name in inputs.frames.counts},
        inputs.frames.between,
    )


# Withheld from a shared report are the periods with few no-shows. If more are, the rest says nothing of change.
_MOST_WITHHELD = 0.1
# Of more weeks the chart is a thicket, and the page a megabyte: five years.
MOST_WEEKS = 260
# The names of the frames of counts by day and location or service, read if a policy names some of them.
POLICY_FRAMES: Mapping[str, str] = {"location": "policy_locations", "service": "policy_services"}


def needs_of_policies(policies: Sequence[Policy]) -> Needs:
    """The frames that policies, and those with controls, are compared by."""
    named = {policy.where for policy in policies if policy.names}
    return Needs(
        counts={name: ("day", where) for where, name in POLICY_FRAMES.items() if where in named},
        stretches=stretches_of(policies),
    )


def course_of(
    by: Mapping[str, pl.DataFrame],
    overall: float | None,
    settled: dt.date,
    min_bookings: int,
    policies: Sequence[Policy] = (),
    counted: str = "marked booking",
    by_group: Mapping[str, pl.DataFrame] | None = None,
    between: Mapping[str, BetweenPeriods] | None = None,
) -> Course:
    """The course over ISO weeks of the sessions' local start, or over months if many weeks can have no rate.

    `by` has rates by week, month and day; every session before the local date `settled` is due. Counts withheld from a
    shared report are null. `counted` is the noun for the denominator of the rates; `by_group` has counts by day and
    `location` or `service`, for policies that changed some of them. `between` is `Frames.between`.
    """
    from queries.measures.change import change_in  # here, since numpy takes a tenth of the time of `noshow check`

    between = between or {}
    halves = between.get(HALVES, INDEPENDENT)
    unit = _unit(by["week"], by["month"])
    frame = _with_bookings(by[unit])
    starts = every_start(unit, frame[unit].to_list())
    rows = {row[unit]: row for row in frame.to_dicts()}
    known = [_known(rows.get(start)) for start in starts]
    # The chart compares periods with those beside them, in which mostly the same people book.
    of_sessions = [_of_sessions(halves, rows.get(start)) for start in starts]
    chart = control_chart(known, design_effects=of_sessions)
    is_fair = _is_fair(frame)
    if not is_fair:
        chart = replace(chart, has_verdict=False)
    points = _points(unit, starts, rows, chart, partial_periods(by["day"], unit, settled))
    effects = [halves.contacts + effect - 1 for effect in of_sessions]
    change: ChangeVerdict = ChangeNotTested("counts", len(rows))
    if is_fair:
        change = change_in([counts or (0, 0) for counts in known], unit, effects)
    return Course(
        unit=unit,
        points=points,
        overall=overall,
        sigma_z=chart.sigma_z,
        has_verdict=chart.has_verdict,
        signals=in_words.signals(points, chart, unit, change),
        summary=in_words.summary(points, overall, unit, counted),
        gaps=in_words.gaps(points, min_bookings, unit, counted),
        partial=tuple(f"{point.name}: {point.partial}" for point in points if point.partial),
        change=change,
        change_in_words=change_in_words(change, starts, unit),
        policies=policies_of(by["day"], policies, by_group, between),
        design_effect=_mean_effect(known, effects),
        title=title_of(change, starts, unit),
    )


def _with_bookings(rates: pl.DataFrame) -> pl.DataFrame:
    return rates.filter(pl.col("bookings").ne_missing(0))


def _unit(by_week: pl.DataFrame, by_month: pl.DataFrame) -> Unit:
    """Weeks, unless they are too many to read, most have too few bookings, or more are withheld than of months."""
    due = _with_bookings(by_week)
    weeks = len(every_start("week", due["week"].to_list()))
    enough = due.height - int(due["too_few"].sum())
    if weeks > MOST_WEEKS or (weeks > FEWEST_POINTS and 2 * enough < weeks):
        return "month"
    return "month" if not _is_fair(due) and _is_fair(_with_bookings(by_month)) and by_month.height else "week"


def _is_fair(rates: pl.DataFrame) -> bool:
    """Whether few enough periods are withheld for the others to stand for all."""
    return rates["missed_bookings"].null_count() <= _MOST_WITHHELD * rates.height


def _known(row: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """Marked bookings and no-shows for the chart; None if too few are marked."""
    if row is None or row["too_few"] is not False or row["missed_bookings"] is None:
        return None
    return row["rated_bookings"], row["missed_bookings"]


def _of_sessions(halves: BetweenPeriods, row: Mapping[str, Any] | None) -> float:
    """The design effect of a period by its sessions; 1 if it has no bookings."""
    return halves.of_sessions(row["rated_bookings"] or 0, row["session_squares"]) if row else 1.0


def _mean_effect(known: Sequence[tuple[int, int] | None], effects: Sequence[float]) -> float | None:
    """The design effect of all periods together: their bookings over their effective number."""
    rated = [(counts[0], effect) for counts, effect in zip(known, effects, strict=True) if counts]
    effective = sum(n / effect for n, effect in rated)
    return sum(n for n, _ in rated) / effective if effective else None


def _points(
    unit: str,
    starts: Sequence[dt.date],
    rows: Mapping[dt.date, Any],
    chart: ControlChart,
    partial: Mapping[dt.date, str],
) -> tuple[Point, ...]:
    points: list[Point] = []
    run = 0
    for at, start in enumerate(starts):
        points.append(_point(start, LABEL[unit](start), rows.get(start), chart, at, partial.get(start), run))
        run += points[-1].rate is None
    return tuple(points)


def _point(
    start: dt.date,
    label: str,
    row: Mapping[str, Any] | None,
    chart: ControlChart,
    at: int,
    partial: str | None,
    run: int,
) -> Point:
    if row is None:
        return Point(start, label, 0, 0, 0, None, None, None, None, None, None, None, partial, run)
    counts = (row["bookings"], row["rated_bookings"], row["missed_bookings"])
    marked, unmarked = row["register_marked"], row["unmarked_bookings"]
    registers = (marked, None if marked is None or unmarked is None else marked + unmarked)
    on = chart.points[at]
    if on is None:
        return Point(
            start, label, *counts, None, None, None, None, None, row["coverage"], None, partial, run, *registers
        )
    rates = (row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"])
    signal = _signal(on.outside, on.in_run, on.side) if chart.has_verdict else None
    return Point(start, label, *counts, *rates, on.low, on.high, row["coverage"], signal, partial, run, *registers)


def _signal(outside: bool, in_run: bool, side: int) -> str | None:
    if outside:
        return OUTSIDE[side]
    return f"in a run {'above' if side > 0 else 'below'} the centre" if in_run else None
