"""The p' chart of the rate over weeks or months."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import altair as alt

from reports.drawing import words
from reports.drawing.charts import (
    ACCENT,
    BAND,
    HATCHED,
    HOLLOW,
    LIMIT,
    NARROW,
    POLICY,
    SIGNAL,
    Layer,
    Row,
    Size,
    marks,
    place_axis,
    rate_axis,
    svg,
    tooltip,
)
from reports.sections.over_time.course import Course, Point, stretches

_MANY = 12
_DAYS = 7
_EVERY_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def draw_charts(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
    """The course of the rate."""
    return {"over_time": course_chart(contents["over_time"], size)}


def course_chart(course: Course, size: Size) -> str | None:
    """Rates as a line between the limits of the p' chart; None if fewer than two periods have a rate.

    Periods without a rate are gaps, partial periods hatched, those outside the limits diamonds, the overall rate a
    dashed line. Runs on one side have no mark: they also come by chance, and the title says whether the rate changed.
    On a narrow page a long course has a thin line, and marks for diamonds and partial periods only.
    """
    if not course.can_be_drawn:
        return None
    places = _places(course.points)
    rows = [_row(at, point) for at, point in zip(places, course.points, strict=True) if point.rate is not None]
    top = max(max(row["rate"], row["limit_high"]) for row in rows)
    x = place_axis("at:Q", places[-1] + 1, _labels(places, course.points, course.unit, size.ticks))
    y = rate_axis("rate:Q", top)
    hatched = [
        {"from": at - 0.5, "to": at + 0.5} for at, point in zip(places, course.points, strict=True) if point.partial
    ]
    plain, partial, signals = ([row for row in rows if row["kind"] == kind] for kind in ("plain", "partial", "signal"))
    is_dense = size.name == NARROW.name and course.is_long
    layers: list[Layer] = [
        (
            _steps(rows),
            marks()
            .mark_area(interpolate="step", **BAND)
            .encode(x, rate_axis("limit_low:Q", top), alt.Y2("limit_high:Q"), alt.Detail("run:N")),
        ),
        (hatched, marks().mark_rect(**HATCHED).encode(alt.X("from:Q"), alt.X2("to:Q"))),
        ([{"rate": course.overall}], marks().mark_rule(strokeDash=[4, 4], **LIMIT).encode(y=y)),
        (
            rows,
            marks().mark_line(strokeWidth=0.75 if is_dense else 1.75, **ACCENT).encode(x, y, alt.Detail("run:N")),
        ),
        (
            [] if is_dense else plain,
            marks().mark_circle(size=size.dot, **ACCENT).encode(x, y, alt.Description("tooltip:N")),
        ),
        (partial, marks().mark_point(size=2 * size.dot, **HOLLOW).encode(x, y, alt.Description("tooltip:N"))),
        (signals, marks().mark_point(size=4 * size.dot, **SIGNAL).encode(x, y, alt.Description("tooltip:N"))),
        (_policies(places, course), marks().mark_rule(strokeDash=[1, 3], **POLICY).encode(x=x)),
    ]
    return svg(layers, size, "course")


def _row(at: int, point: Point) -> Row:
    kind = "signal" if point.is_outside else "partial" if point.partial else "plain"
    counts = words.of(point.no_shows, point.marked)
    signal = f", {point.signal}" if point.signal else ""
    return {
        "at": at,
        "rate": point.rate,
        "limit_low": point.limit_low,
        "limit_high": point.limit_high,
        "run": point.run,
        "kind": kind,
        "tooltip": tooltip(
            f"{words.capital(point.name.removeprefix('the '))}: {words.percent(point.rate)}, {counts}{signal}"
        ),
    }


def _steps(rows: Sequence[Row]) -> list[Row]:
    """Limits that reach half a period beyond the first and last of each run, so that a single one has a width."""
    reaching: list[Row] = []
    for _, run in groupby(rows, key=lambda row: row["run"]):
        members = list(run)
        first, last = members[0], members[-1]
        reaching += [first | {"at": first["at"] - 0.5}, *members, last | {"at": last["at"] + 0.5}]
    return reaching


def _places(points: Sequence[Point]) -> list[int]:
    """The position of each period: one after the other, but for a long gap, whose periods share a single one."""
    places: list[int] = []
    for length, is_long_gap in stretches(points):
        first = places[-1] + 1 if places else 0
        places += [first] * length if is_long_gap else range(first, first + length)
    return places


def _policies(places: Sequence[int], course: Course) -> list[Row]:
    """The positions of changes of policy: between the periods before and after."""
    starts = [point.start for point in course.points]
    return [
        {"at": places[sum(start <= policy.date for start in starts) - 1] - 0.5}
        for policy in course.policies
        if starts and starts[0] <= policy.date
    ]


def _labels(places: Sequence[int], points: Sequence[Point], unit: str, most: int) -> dict[str, list[str]]:
    """Position → label: dates for a few weeks; else the first of every month, quarter or year, whichever fits.

    Of several in one long gap the last is labelled.
    """
    each = [(at, point.start) for at, point in zip(places, points, strict=True)]
    if unit == "week" and len(each) <= _MANY:
        ticks = list(dict(each).items())[:: math.ceil(len(each) / most)]
        names = [f"{start.day} {words.month(start, short=True)}" for _, start in ticks]
    else:
        starts = [(at, start) for at, start in each if start.day <= _DAYS]
        every = next((months for months in _EVERY_MONTHS if len(_each(starts, months)) <= most), _EVERY_MONTHS[-1])
        ticks = _each(starts, every)
        names = [words.month(start, short=True) for _, start in ticks]
    years = [str(start.year) for _, start in ticks]
    return {
        str(at): [name] if year == last else [name, year]
        for (at, _), name, year, last in zip(ticks, names, years, ["", *years], strict=False)
    }


def _each(starts: Sequence[tuple[int, dt.date]], months: int) -> list[tuple[int, dt.date]]:
    return list({at: start for at, start in starts if (12 * start.year + start.month - 1) % months == 0}.items())
