"""Turn layered Altair charts into SVG for a page. Pure: the same input gives the same bytes.

The charts have no colours of their own but the page's CSS variables, so they follow light, dark and print.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from reports.drawing.scale import axis_steps, axis_top


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
SIZES = (WIDE, NARROW)
Row = dict[str, Any]
BAND: Row = {"color": "var(--band)", "opacity": 1}
ACCENT: Row = {"color": "var(--accent)", "opacity": 1}
HOLLOW: Row = {"stroke": "var(--accent)", "fill": "var(--paper)", "strokeWidth": 1.5, "opacity": 1}
SIGNAL: Row = {"stroke": "var(--warn)", "fill": "var(--warn)", "shape": "diamond", "opacity": 1}
HATCHED: Row = {"fill": "url(#hatch)", "opacity": 1}
LIMIT: Row = {"stroke": "var(--muted)", "strokeWidth": 1, "opacity": 1}
POLICY: Row = LIMIT | {"strokeWidth": 2}
# Vega writes groups without a shape, and attributes that say what SVG does anyway: an eighth of a chart's text.
_IDLE = re.compile(r' opacity="1"| pointer-events="none"| stroke-width="1"')
_EMPTY = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"(?: display="none")?/>')
# Tooltips of marks start with this, which distinguishes them from the labels that Vega makes itself.
TOOLTIP = "§"


# The rows of a layer and how they are drawn. Altair copies and checks everything it holds, so rows are kept out of it.
Layer = tuple[Sequence[Row], alt.Chart]


def marks() -> alt.Chart:
    """An empty chart to describe a layer with; its rows are kept beside it."""
    return alt.Chart()


def tooltip(text: str) -> str:
    """The tooltip of a mark, for a field that is encoded as `description`."""
    return TOOLTIP + text


def rate_axis(field: str, top: float, title: str | None = None) -> alt.Y:
    """An axis of rates from 0 to a top (0 to 1), labelled in percent."""
    top = axis_top(top)
    axis = alt.Axis(values=axis_steps(top), labelExpr="round(100 * datum.value) + ' %'")
    return alt.Y(field, title=title, scale=alt.Scale(domain=[0, top], nice=False), axis=axis)


def place_axis(field: str, count: int, labels: dict[str, list[str]]) -> alt.X:
    """An axis of positions from 0 on with labels at some of them. Dates are labels, so no time zone can move them."""
    axis = alt.Axis(
        values=[int(position) for position in labels],
        labelExpr=f"{json.dumps(labels)}[datum.value]",
        grid=False,
        labelFlush=False,
        labelOverlap=False,
    )
    return alt.X(field, title=None, scale=alt.Scale(domain=[-0.6, count - 0.4], nice=False, zero=False), axis=axis)


_CONFIG: dict[str, Any] = {
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": "var(--muted)",
        "labelFontSize": 12,
        "labelPadding": 6,
        "titleColor": "var(--muted)",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "domainColor": "var(--line)",
        "gridColor": "var(--line)",
        "tickColor": "var(--line)",
    },
    "axisY": {"domain": False, "ticks": False},
}
_HATCH = (
    '<defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<line x1="0" y1="0" x2="0" y2="7" stroke="var(--quiet)" stroke-width="2"/></pattern></defs>'
)


def svg(layers: Sequence[Layer], size: Size, prefix: str) -> str:
    """Layers as one SVG image whose size is left to the page and whose ids are prefixed."""
    # Composed here, since Altair would copy every layer several times to do it; Vega-Lite checks the whole.
    spec = {
        "$schema": alt.SCHEMA_URL,
        "config": _CONFIG,
        "width": size.width,
        "height": size.height,
        "datasets": {f"rows{at}": list(rows) for at, (rows, _) in enumerate(layers)},
        "layer": [_layer(chart, f"rows{at}") for at, (_, chart) in enumerate(layers)],
    }
    drawn: str = vl_convert.vegalite_to_svg(spec)
    drawn = re.sub(rf'<path aria-label="{TOOLTIP}([^"]*)"([^>]*)/>', r"<path\2><title>\1</title></path>", drawn)
    drawn = re.sub(r' (?:role|aria-\w+|xmlns(?::\w+)?|version|font-family|class)="[^"]*"', "", drawn)
    drawn = _EMPTY.sub("", _IDLE.sub("", drawn))
    drawn = re.sub(r"-?\d+\.\d{2,}", _shorter, drawn)
    prefix = f"{prefix}-{size.name}"
    drawn = re.sub(
        r'<svg[^>]*(viewBox="[^"]*")[^>]*>',
        rf'<svg class="chart chart-{size.name}" \1 aria-hidden="true" focusable="false">'
        + (_HATCH if "url(#hatch)" in drawn else ""),
        drawn,
    )
    drawn = re.sub(r'\bid="', f'id="{prefix}-', drawn)
    return re.sub(r"url\(#", f"url(#{prefix}-", drawn)


def _layer(chart: alt.Chart, rows: str) -> dict[str, Any]:
    described = chart.to_dict(validate=False)
    return {"data": {"name": rows}, "mark": described["mark"], "encoding": described["encoding"]}


def _shorter(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
