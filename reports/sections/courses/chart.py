"""The chart of rates by number of the session within its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing.bands import Band, band_chart
from reports.drawing.charts import Size


def draw_charts(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
    """The drop-off from session to session."""
    numbers = contents["courses"].numbers
    bands = [Band(str(n.number), n.no_shows, n.marked, n.rate, n.low, n.high) for n in numbers]
    return {"courses": band_chart(bands, size, "courses")}
