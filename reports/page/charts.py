"""The charts of a report, in a wide and a narrow size each."""

from __future__ import annotations

from reports.drawing.charts import SIZES
from reports.report import Report

Charts = dict[str, tuple[str, ...]]


def charts_of(report: Report) -> Charts:
    """The SVG texts of each chart by name, wide and narrow; a chart with too little to draw is left out."""
    charts: dict[str, list[str]] = {}
    for section in report.on_page:
        if section.draw_charts is None:
            continue
        contents = {key: report.contents[key] for key in section.of}
        for size in SIZES:
            for name, svg in section.draw_charts(contents, size).items():
                if svg is not None:
                    charts.setdefault(name, []).append(svg)
    return {name: tuple(sizes) for name, sizes in charts.items()}
