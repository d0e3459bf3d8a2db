"""A chart of rates in an order (lead-time bands, session numbers): dots with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from reports.drawing import words
from reports.drawing.charts import ACCENT, Layer, Row, Size, marks, place_axis, rate_axis, svg, tooltip

_NARROW_LABEL = 8


@dataclass(frozen=True, slots=True)
class Band:
    """A place on the axis: its label, its rate and interval (None: too few marked)."""

    label: str
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None


def band_chart(bands: Sequence[Band], size: Size, prefix: str) -> str | None:
    """Dots and whiskers; None if fewer than two bands have a rate."""
    rows = [_row(at, band) for at, band in enumerate(bands) if band.rate is not None]
    if len(rows) < 2:
        return None
    top = max(row["high"] for row in rows)
    x, y = place_axis("at:Q", len(bands), _labels(bands, size)), rate_axis("rate:Q", top)
    layers: list[Layer] = [
        (rows, marks().mark_rule(strokeWidth=2, **ACCENT).encode(x, rate_axis("low:Q", top), alt.Y2("high:Q"))),
        (rows, marks().mark_circle(size=3 * size.dot, **ACCENT).encode(x, y, alt.Description("tooltip:N"))),
    ]
    return svg(layers, size, prefix)


def _row(at: int, band: Band) -> Row:
    text = f"{band.label}: {words.percent(band.rate)}, {words.of(band.no_shows, band.marked)}"
    return {"at": at, "rate": band.rate, "low": band.low, "high": band.high, "tooltip": tooltip(text)}


def _labels(bands: Sequence[Band], size: Size) -> dict[str, list[str]]:
    every = -(-len(bands) // size.ticks) if any(len(band.label) <= _NARROW_LABEL for band in bands) else 1
    return {
        str(at): band.label.split(" ") if size.name == "narrow" else [band.label]
        for at, band in enumerate(bands)
        if at % every == 0
    }
