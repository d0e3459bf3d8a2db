"""The chart of the course in words: its signals, its lowest and highest points, its gaps."""

from __future__ import annotations

from collections.abc import Sequence

from queries.measures.control_chart import ControlChart
from reports.drawing import words
from reports.sections.over_time.course import Point

# So many points outside the limits are named.
_NAMED = 3


def signals(points: Sequence[Point], chart: ControlChart, unit: str) -> str:
    """Whether points of the chart lie outside the limits or run on one side of the centre; empty with too few."""
    if not chart.has_verdict:
        return ""
    outside = [point for point, on in zip(points, chart.points, strict=True) if on and on.outside]
    runs = _runs(points, chart)
    if not outside and not runs:
        return f"On the chart every {unit} is within the limits."
    said = []
    if outside:
        named = words.listed([f"{point.label} ({words.percent(point.rate)})" for point in outside[:_NAMED]])
        more = f" and {len(outside) - _NAMED} more" if len(outside) > _NAMED else ""
        said.append(f"{words.plural(len(outside), unit)} outside the limits: {named}{more}.")
    if runs:
        last = f"{'the last of them ' if len(runs) > 1 else ''}{runs[-1]}"
        said.append(f"{words.plural(len(runs), 'run')} of eight or more {unit}s on one side of the centre, {last}.")
    return f"On the chart: {' '.join(said)}"


def _runs(points: Sequence[Point], chart: ControlChart) -> list[str]:
    """Each run in words, such as `below it from 2026-W03 to 2026-W12`."""
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


def summary(points: Sequence[Point], overall: float | None, unit: str, counted: str = "marked booking") -> str:
    """The lowest and the highest rate, beside that over all."""
    drawn = [point for point in points if point.rate is not None]
    if not points:
        return "No week has a due booking yet."
    if not drawn:
        return f"No {unit} has enough {counted}s for a rate; the counts are in the table."
    if len(drawn) == 1:
        return f"One {unit} only has enough {counted}s for a rate: {_said(drawn[0])}. A course needs more."
    low, high = min(drawn, key=_rate), max(drawn, key=_rate)
    return (
        f"Over {words.plural(len(drawn), unit)} the rate lay between {_said(low)} and {_said(high)}; "
        f"overall it is {words.percent(overall)}."
    )


def _rate(point: Point) -> float:
    return point.rate if point.rate is not None else -1.0


def _said(point: Point) -> str:
    return f"{words.percent(point.rate)} ({words.of(point.no_shows, point.marked)}, {point.label})"


def gaps(points: Sequence[Point], min_bookings: int, unit: str, counted: str = "marked booking") -> str | None:
    """How many periods have no rate, and why; None if all have one."""
    missing = sum(point.rate is None for point in points)
    if not missing:
        return None
    withheld = " or with counts withheld" if any(point.no_shows is None for point in points) else ""
    fewer = f"fewer than {words.plural(min_bookings, counted)}"
    return f"{words.plural(missing, unit)} with {fewer}{withheld} left as a gap."
