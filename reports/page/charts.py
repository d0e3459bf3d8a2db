"""A report's content goes in; its charts come out as SVG texts by name, in a wide and a narrow size each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reports.page.bands import Band, band_chart
from reports.page.drawing import SIZES, Size
from reports.sections.over_time.chart import course_chart
from reports.sections.where.chart import funnel_chart

if TYPE_CHECKING:
    from reports.report import Report

Charts = dict[str, tuple[str, ...]]


def charts_of(report: Report) -> Charts:
    """Name → the SVG texts of a chart, wide and narrow; a chart with too little to draw is left out."""
    drawn = [_drawn(report, size) for size in SIZES]
    return {
        name: tuple(found for each in drawn if (found := each[name]) is not None)
        for name in drawn[0]
        if drawn[0][name] is not None
    }


def _drawn(report: Report, size: Size) -> dict[str, str | None]:
    bands = report.when.lead if report.when else ()
    lead = [Band(b.name, b.no_shows, b.marked, b.rate, b.low, b.high, b.beyond) for b in bands]
    numbers = report.courses.numbers if report.courses else ()
    course = [Band(str(n.number), n.no_shows, n.marked, n.rate, n.low, n.high) for n in numbers]
    funnels = {
        f"funnel_{plot.many}": funnel_chart(plot, size, f"funnel-{at}") for at, plot in enumerate(report.funnels)
    }
    return {
        "over_time": course_chart(report.over_time, size) if report.over_time else None,
        "lead": band_chart(lead, size, "lead"),
        "courses": band_chart(course, size, "courses"),
        **funnels,
    }
