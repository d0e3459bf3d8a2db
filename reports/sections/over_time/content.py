"""Rates by week, month and day go in; the course of the rate comes out: its p' chart, and what that says in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.change import Change, change_in
from queries.measures.control_chart import FEWEST_POINTS, ControlChart, control_chart
from reports.page import words
from reports.scope.options import Policy
from reports.sections.over_time.policies import BeforeAfter, policies_of

_DAY = dt.timedelta(days=1)
# So many points outside the limits are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Point:
    """One week (from its Monday) or month. Rate, interval and limits are None where too few are marked to say.

    `limit_low` and `limit_high` are those of the p' chart; `signal` says how the point breaks them, or is None.
    `partial` says why the period is not whole, or is None. `run` numbers the unbroken stretches of periods with a rate.
    """

    start: dt.date
    label: str
    bookings: int | None
    marked: int | None
    no_shows: int | None
    rate: float | None
    low: float | None
    high: float | None
    limit_low: float | None
    limit_high: float | None
    coverage: float | None
    signal: str | None
    partial: str | None
    run: int


@dataclass(frozen=True, slots=True)
class Course:
    """Every period from the first to the last, those without bookings too; what there is to see, in words.

    `unit` is week or month. `verdict` is what the chart found, `since` the start of the first period after a change
    that is clearer than chance would ever make it, `direction` whether the rate rose or fell then.
    """

    unit: str
    points: tuple[Point, ...]
    overall: float | None
    sigma_z: float | None
    has_verdict: bool
    verdict: str
    summary: str
    gaps: str | None
    partial: tuple[str, ...]
    since: dt.date | None
    change: str | None
    policies: tuple[BeforeAfter, ...]

    @property
    def drawn(self) -> tuple[Point, ...]:
        """The periods with a rate."""
        return tuple(point for point in self.points if point.rate is not None)


def course_of(
    by: Mapping[str, pl.DataFrame],
    overall: float | None,
    settled: dt.date,
    min_bookings: int,
    policies: Sequence[Policy] = (),
) -> Course:
    """The course over ISO weeks of the sessions' local start, or over months where most weeks have too few marked.

    `by` has rates by week, month and day; every session before the local date `settled` is due. Counts withheld from
    others are null.
    """
    unit = _unit(by["week"])
    frame = _with_bookings(by[unit])
    starts = _every(unit, frame[unit].to_list())
    rows = {row[unit]: row for row in frame.to_dicts()}
    known = [_known(rows.get(start)) for start in starts]
    chart = control_chart(known)
    points = _points(unit, starts, rows, chart, _partial(by["day"], unit, settled))
    change = change_in([counts or (0, 0) for counts in known])
    return Course(
        unit=unit,
        points=points,
        overall=overall,
        sigma_z=chart.sigma_z,
        has_verdict=chart.has_verdict,
        verdict=_verdict(points, chart, unit),
        summary=_summary(points, overall, unit),
        gaps=_gaps(points, min_bookings, unit),
        partial=tuple(f"{point.label}: {point.partial}" for point in points if point.partial),
        since=starts[change.at] if change else None,
        change=_change_in_words(change, starts, unit) if change else None,
        policies=policies_of(by["day"], policies),
    )


def due_days(by_day: pl.DataFrame) -> list[dt.date]:
    """The local dates of sessions with a due booking, in order."""
    return sorted(by_day.filter(pl.col("bookings") > 0)["day"].to_list())


def _with_bookings(rates: pl.DataFrame) -> pl.DataFrame:
    return rates.filter(pl.col("bookings").ne_missing(0))


def week_start(date: dt.date) -> dt.date:
    """The Monday of a date's ISO week."""
    return date - dt.timedelta(days=date.weekday())


def month_start(date: dt.date) -> dt.date:
    """The first day of a date's month."""
    return date.replace(day=1)


_START: Mapping[str, Callable[[dt.date], dt.date]] = {"week": week_start, "month": month_start}
_LABEL: Mapping[str, Callable[[dt.date], str]] = {
    "week": words.iso_week,
    "month": lambda start: f"{words.month(start)} {start.year}",
}


def _next(unit: str, start: dt.date) -> dt.date:
    return start + 7 * _DAY if unit == "week" else (start + 31 * _DAY).replace(day=1)


def _unit(by_week: pl.DataFrame) -> str:
    due = _with_bookings(by_week)
    return "month" if due.height > FEWEST_POINTS and 2 * int(due["too_few"].sum()) > due.height else "week"


def _every(unit: str, known: Sequence[dt.date]) -> list[dt.date]:
    """Every start from the first known to the last."""
    starts: list[dt.date] = []
    while known and (not starts or starts[-1] < max(known)):
        starts.append(_next(unit, starts[-1]) if starts else min(known))
    return starts


def _known(row: Mapping[str, Any] | None) -> tuple[int, int] | None:
    """What of a period goes into the chart: nothing, where too few are marked to say."""
    if row is None or row["too_few"] is not False or row["no_shows"] is None:
        return None
    return row["marked_bookings"], row["no_shows"]


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
        points.append(_point(start, _LABEL[unit](start), rows.get(start), chart, at, partial.get(start), run))
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
    counts = (row["bookings"], row["marked_bookings"], row["no_shows"])
    on = chart.points[at]
    if on is None:
        return Point(start, label, *counts, None, None, None, None, None, row["coverage"], None, partial, run)
    rates = (row["no_show_rate"], row["no_show_rate_low"], row["no_show_rate_high"])
    signal = _signal(on.outside, on.in_run, on.side) if chart.has_verdict else None
    return Point(start, label, *counts, *rates, on.low, on.high, row["coverage"], signal, partial, run)


def _signal(outside: bool, in_run: bool, side: int) -> str | None:
    place = "above" if side > 0 else "below"
    if outside:
        return f"{place} the limits"
    return f"in a run {place} the centre" if in_run else None


def _partial(by_day: pl.DataFrame, unit: str, settled: dt.date) -> dict[dt.date, str]:
    """The first and the last period where days of them are missing, each with the reason.

    A day is missing if the other periods have sessions on its day of the week, and this one has none so early, or late.
    """
    days = due_days(by_day)
    if not days:
        return {}
    first, last = days[0], days[-1]
    start, end = _START[unit](first), _next(unit, _START[unit](last))
    found: dict[dt.date, str] = {}
    if _held(days, unit, first) & {date.weekday() for date in _dates(start, first)}:
        found[start] = f"records begin on {words.day(first, short=True)}"
    if _held(days, unit, last) & {date.weekday() for date in _dates(last + _DAY, end)}:
        found[_START[unit](last)] = f"records end on {words.day(last, short=True)}"
    if settled < end:
        found[_START[unit](last)] = "not every session of it is due yet"
    return found


def _held(days: Sequence[dt.date], unit: str, chosen: dt.date) -> set[int]:
    """The days of the week that other periods have sessions on."""
    return {day.weekday() for day in days if _START[unit](day) != _START[unit](chosen)}


def _dates(first: dt.date, end: dt.date) -> list[dt.date]:
    return [first + number * _DAY for number in range((end - first).days)]


def _verdict(points: Sequence[Point], chart: ControlChart, unit: str) -> str:
    if not chart.has_verdict:
        return f"Too few {unit}s to tell a change from the usual swing: a verdict takes {FEWEST_POINTS} with a rate."
    outside = [point for point, on in zip(points, chart.points, strict=True) if on and on.outside]
    runs = _runs(points, chart)
    if not outside and not runs:
        return f"No real change: every {unit} is within the usual swing."
    said = []
    if outside:
        named = words.listed([f"{point.label} ({words.percent(point.rate)})" for point in outside[:_NAMED]])
        more = f" and {len(outside) - _NAMED} more" if len(outside) > _NAMED else ""
        said.append(f"{words.plural(len(outside), unit)} outside the usual swing: {named}{more}.")
    if runs:
        last = f"{'the last of them ' if len(runs) > 1 else ''}{runs[-1]}"
        said.append(f"{words.plural(len(runs), 'run')} of eight or more {unit}s on one side of the centre, {last}.")
    return " ".join(said)


def _runs(points: Sequence[Point], chart: ControlChart) -> list[str]:
    """Each run in words: below it from 2026-W03 to 2026-W12."""
    runs: list[tuple[int, list[Point]]] = []
    side = 0
    for point, on in zip(points, chart.points, strict=True):
        if on is None or on.side == 0:
            continue  # neither makes nor breaks a run
        if on.in_run and on.side == side:
            runs[-1][1].append(point)
        elif on.in_run:
            runs.append((on.side, [point]))
        side = on.side if on.in_run else 0
    return [f"{'above' if side > 0 else 'below'} it from {run[0].label} to {run[-1].label}" for side, run in runs]


def _change_in_words(change: Change, starts: Sequence[dt.date], unit: str) -> str:
    (n0, k0), (n1, k1) = change.before, change.since
    verb = "rose" if change.difference.difference > 0 else "fell"
    return (
        f"{verb} from {words.percent(k0 / n0)} ({words.of(k0, n0)}) to {words.percent(k1 / n1)} ({words.of(k1, n1)}) "
        f"{_since(starts[change.at], unit)}"
    )


def _since(start: dt.date, unit: str) -> str:
    """Since March 2026, or since the week of 2 March 2026."""
    return f"since {words.month(start)} {start.year}" if unit == "month" else f"since the week of {words.day(start)}"


def _summary(points: Sequence[Point], overall: float | None, unit: str) -> str:
    drawn = [point for point in points if point.rate is not None]
    if not points:
        return "No week has a due booking yet."
    if not drawn:
        return f"No {unit} has enough marked bookings for a rate; the counts are in the table."
    if len(drawn) == 1:
        return f"One {unit} only has enough marked bookings for a rate: {_said(drawn[0])}. A course needs more."
    low, high = min(drawn, key=_rate), max(drawn, key=_rate)
    return (
        f"Over {words.plural(len(drawn), unit)} the rate lay between {_said(low)} and {_said(high)}; "
        f"overall it is {words.percent(overall)}."
    )


def _rate(point: Point) -> float:
    return point.rate if point.rate is not None else -1.0


def _said(point: Point) -> str:
    return f"{words.percent(point.rate)} ({words.of(point.no_shows, point.marked)}, {point.label})"


def _gaps(points: Sequence[Point], min_bookings: int, unit: str) -> str | None:
    gaps = sum(point.rate is None for point in points)
    if not gaps:
        return None
    withheld = " or with counts withheld" if any(point.no_shows is None for point in points) else ""
    fewer = f"fewer than {words.plural(min_bookings, 'marked booking')}"
    return f"{words.plural(gaps, unit)} with {fewer}{withheld} left as a gap."
