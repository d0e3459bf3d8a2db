"""The chart of rates by how far ahead bookings were made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.drawing.bands import Band, band_chart
from reports.drawing.charts import Size


def draw_charts(contents: Mapping[str, Any], size: Size) -> Mapping[str, str | None]:
    """The lead-time curve."""
    bands = [Band(b.name, b.no_shows, b.marked, b.rate, b.low, b.high) for b in contents["when"].lead]
    return {"lead": band_chart(bands, size, "lead")}
