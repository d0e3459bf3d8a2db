"""Plain values go in; charts as SVG texts come out: static, with the page's own colours, the same bytes each time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reports.content import Week

# Stand-ins in the chart's description -> the page's colours, which follow light, dark and print.
_COLOURS = {
    "#010203": "var(--accent)",
    "#040506": "var(--ink-soft)",
    "#070809": "var(--line)",
    "#0a0b0c": "var(--paper)",
}
_ACCENT, _INK, _LINE, _PAPER = _COLOURS
_WIDTH, _HEIGHT = 860, 260


def weekly_chart(course: Sequence[Week], prefix: str) -> str:
    """The weekly course of the rate: a line with its 95 % band, gaps where nothing was marked.

    Hollow points are partial weeks. `prefix` keeps the ids of several charts on a page apart.
    """
    # Imported here: drawing takes most of a second to load, which whoever builds no report need not wait for.
    import altair as alt
    import vl_convert

    rows = [
        {name: getattr(week, name) for name in ("rate", "low", "high", "partial")} | {"week": week.monday.isoformat()}
        for week in course
    ]
    time_axis = alt.Axis(format="%b %Y", labelAngle=0, labelFlush=True, grid=False, tickCount=8)
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=alt.X("week:T", title=None, axis=time_axis))
    rate = alt.Y("rate:Q", title=None, axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(zero=True, nice=True))
    band = base.mark_area(color=_ACCENT, opacity=0.16).encode(y=rate.copy(), y2="high:Q").encode(y="low:Q")
    line = base.mark_line(color=_ACCENT, strokeWidth=2).encode(y=rate)
    points = base.mark_point(color=_ACCENT, size=34, filled=True, opacity=1).encode(y=rate)
    hollow = points.mark_point(size=46, filled=True, opacity=1, stroke=_ACCENT, strokeWidth=1.6, color=_PAPER)
    chart = (
        alt.layer(
            band,
            line,
            points.transform_filter("!datum.partial"),
            hollow.transform_filter("datum.partial"),
        )
        .properties(width=_WIDTH, height=_HEIGHT, background="transparent")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=_INK,
            tickColor=_LINE,
            domainColor=_LINE,
            gridColor=_LINE,
            labelFont="sans-serif",
            labelFontSize=12,
        )
    )
    return _placed(vl_convert.vegalite_to_svg(chart.to_dict()), prefix)


def _placed(svg: str, prefix: str) -> str:
    """The SVG with the page's colours, its own ids, and room to shrink."""
    for stand_in, colour in _COLOURS.items():
        svg = re.sub(stand_in, colour, svg, flags=re.IGNORECASE)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", svg)
    svg = re.sub(r' (?:style|xmlns:xlink)="[^"]*"', "", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
