"""Dataclasses of the report go in; SVG text comes out, drawn by Altair. Pure: same input, same bytes.

The charts have no colours of their own but the page's CSS variables, so they follow light, dark and print.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from reports import words
from reports.weekly import Week, WeeklyCourse


@dataclass(frozen=True, slots=True)
class Size:
    """A chart's plot area in pixels, how many ticks fit below it, and how big a dot is."""

    name: str
    width: int
    height: int
    ticks: int
    dot: int


WIDE = Size("wide", 940, 260, 13, 26)
NARROW = Size("narrow", 264, 200, 5, 10)
FEWEST_WEEKS = 2
_MANY_WEEKS = 12
_DAYS = 7
_EVERY_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)
Row = dict[str, Any]


def weekly_chart(course: WeeklyCourse, size: Size) -> str | None:
    """The weekly rate as a line with its interval as a band; None where fewer than two weeks have a rate.

    Weeks without a rate are gaps, partial weeks hollow dots, the overall rate is a dashed line.
    """
    if len(course.drawn) < FEWEST_WEEKS:
        return None
    first = course.weeks[0].monday
    rows = [_row(week, first) for week in course.drawn]
    x, y, low = _week_axis(course.weeks, size), _rate_axis("rate:Q", rows), _rate_axis("low:Q", rows)
    band: Row = {"color": "var(--band)", "opacity": 1}
    accent: Row = {"color": "var(--accent)", "opacity": 1}
    partial: Row = {"stroke": "var(--accent)", "fill": "var(--paper)", "strokeWidth": 1.5, "opacity": 1}
    layers = (
        _on(rows).mark_area(**band).encode(x, low, y2="high:Q", detail="run:N"),
        _on(_alone(rows)).mark_rule(strokeWidth=4, **band).encode(x, low, y2="high:Q"),
        _on([{"rate": course.overall}]).mark_rule(color="var(--muted)", strokeDash=[4, 4]).encode(y=y),
        _on(rows).mark_line(strokeWidth=1.75, **accent).encode(x, y, detail="run:N"),
        _on([row for row in rows if not row["partial"]]).mark_circle(size=size.dot, **accent).encode(x, y),
        _on([row for row in rows if row["partial"]]).mark_point(size=2 * size.dot, **partial).encode(x, y),
    )
    return _svg(alt.layer(*layers).properties(width=size.width, height=size.height), f"weekly-{size.name}")


def _row(week: Week, first: dt.date) -> Row:
    return {
        "week": _weeks_after(first, week.monday),
        "rate": week.rate,
        "low": week.low,
        "high": week.high,
        "run": week.run,
        "partial": week.partial is not None,
    }


def _alone(rows: Sequence[Row]) -> list[Row]:
    """Rows with a gap on both sides, where a band would have no width."""
    runs = [row["run"] for row in rows]
    return [row for row in rows if runs.count(row["run"]) == 1]


def _on(rows: Sequence[Row]) -> alt.Chart:
    return alt.Chart(alt.InlineData(values=list(rows)))


def _week_axis(weeks: Sequence[Week], size: Size) -> alt.X:
    """Weeks counted from the first: no clock or time zone is asked, and labels are ours."""
    labels = _labels([week.monday for week in weeks], size.ticks)
    axis = alt.Axis(
        values=[int(position) for position in labels],
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        grid=False,
        labelFlush=False,
        labelOverlap=False,
    )
    return alt.X(
        "week:Q",
        title=None,
        scale=alt.Scale(domain=[-0.6, len(weeks) - 0.4], nice=False, zero=False),
        axis=axis,
    )


def _labels(mondays: Sequence[dt.date], most: int) -> dict[str, list[str]]:
    """Position → label: dates for a few weeks; else the first Monday of every month, quarter or year, as fits."""
    weeks = list(enumerate(mondays))
    if len(weeks) <= _MANY_WEEKS:
        ticks = weeks[:: math.ceil(len(weeks) / most)]
        names = [f"{monday.day} {words.month(monday, short=True)}" for _, monday in ticks]
    else:
        starts = [(position, monday) for position, monday in weeks if monday.day <= _DAYS]
        every = next((months for months in _EVERY_MONTHS if len(_each(starts, months)) <= most), _EVERY_MONTHS[-1])
        ticks = _each(starts, every)
        names = [words.month(monday, short=True) for _, monday in ticks]
    years = [str(monday.year) for _, monday in ticks]
    before = ["", *years]
    return {
        str(position): [name] if year == last else [name, year]
        for (position, _), name, year, last in zip(ticks, names, years, before, strict=False)
    }


def _each(starts: Sequence[tuple[int, dt.date]], months: int) -> list[tuple[int, dt.date]]:
    return [(at, monday) for at, monday in starts if (12 * monday.year + monday.month - 1) % months == 0]


def _rate_axis(field: str, rows: Sequence[Row]) -> alt.Y:
    top = math.ceil(round(max(row["high"] for row in rows) * 10, 9)) / 10
    step = 0.1 if top <= 0.6 else 0.2
    axis = alt.Axis(
        values=[round(step * number, 1) for number in range(round(top / step) + 1)],
        labelExpr="round(100 * datum.value) + ' %'",
    )
    return alt.Y(field, title=None, scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def _weeks_after(first: dt.date, monday: dt.date) -> int:
    return (monday - first).days // _DAYS


_CONFIG: dict[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "domainColor": "var(--line)",
        "gridColor": "var(--line)",
        "tickColor": "var(--line)",
    },
    "axisY": {"domain": False, "ticks": False},
}


def _svg(chart: alt.LayerChart | alt.FacetChart, prefix: str) -> str:
    """A chart as SVG for a page: its size left to the page, its ids prefixed, said to be one image."""
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict() | {"config": _CONFIG})
    svg = re.sub(r' (?:role|aria-\w+|xmlns(?::\w+)?|version|font-family)="[^"]*"', "", svg)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r"url\(#", f"url(#{prefix}-", svg)
    return re.sub(
        r'<svg[^>]*(viewBox="[^"]*")>',
        rf'<svg class="chart {prefix}" \1 aria-hidden="true" focusable="false">',
        svg,
    )
