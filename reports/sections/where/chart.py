"""Funnel plots: groups by their marked bookings, between the limits that chance allows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from reports.drawing import words
from reports.drawing.charts import ACCENT, LIMIT, SIGNAL, Layer, Row, Size, marks, rate_axis, svg, tooltip
from reports.sections.where.funnels import Dot, FunnelPlot


def draw_charts(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
    """A funnel plot for each grouping that has one."""
    plots: tuple[FunnelPlot, ...] = contents["funnels"]
    return {f"funnel_{plot.many}": funnel_chart(plot, size, f"funnel-{at}") for at, plot in enumerate(plots)}


def funnel_chart(plot: FunnelPlot, size: Size, prefix: str) -> str:
    """Groups by their marked bookings, the overall rate dashed, warning limits dotted, action limits solid.

    Groups that are found to differ from the others are diamonds with their names; the others are dots.
    """
    limits: list[Row] = [
        {"marked": limit.marked, "rate": getattr(limit, f"{name}_{side}"), "line": f"{name}_{side}"}
        for name in ("warning", "action")
        for side in ("low", "high")
        for limit in plot.limits
    ]
    top = max(max(dot.rate for dot in plot.dots), min(1.0, max(row["rate"] for row in limits)), 0.1)
    first, last = plot.limits[0].marked, plot.limits[-1].marked
    x = alt.X(
        "marked:Q",
        title=f"{plot.counted}s",
        scale=alt.Scale(type="log", domain=[first, last], nice=False),
        axis=alt.Axis(grid=False, tickCount=size.ticks // 2, format="~s", labelOverlap=True),
    )
    y = rate_axis("rate:Q", top)
    dots = [_row(dot) for dot in plot.dots]
    found, others = ([row for row in dots if row["found"] == differs] for differs in (True, False))
    action, warning = ([row for row in limits if row["line"].startswith(line)] for line in ("action", "warning"))
    layers: list[Layer] = [
        (action, marks().mark_line(clip=True, **LIMIT).encode(x, y, alt.Detail("line:N"))),
        (warning, marks().mark_line(clip=True, strokeDash=[1, 3], **LIMIT).encode(x, y, alt.Detail("line:N"))),
        ([{"rate": plot.centre}], marks().mark_rule(strokeDash=[4, 4], **LIMIT).encode(y=y)),
        (others, marks().mark_circle(size=3 * size.dot, **ACCENT).encode(x, y, alt.Description("tooltip:N"))),
        (found, marks().mark_point(size=4 * size.dot, **SIGNAL).encode(x, y, alt.Description("tooltip:N"))),
        (
            found,
            marks().mark_text(dy=-12, color="var(--ink)", fontSize=12, opacity=1).encode(x, y, alt.Text("name:N")),
        ),
    ]
    return svg(layers, size, prefix)


def _row(dot: Dot) -> Row:
    text = f"{dot.name}: {words.percent(dot.rate)}, {words.of(dot.no_shows, dot.marked)}, {dot.verdict}"
    return {"name": dot.name, "marked": dot.marked, "rate": dot.rate, "found": dot.is_found, "tooltip": tooltip(text)}
