"""The report as JSON."""

from __future__ import annotations

import json

from support.report_frames import report

from reports.data import report_json


def test_the_json_is_the_whole_content() -> None:
    made = report()
    data = json.loads(report_json(made))
    assert (data["format"], data["version"]) == ("noshow-report", 1)
    assert {"in_short", "headline", "registers", "rankings", "over_time", "quality", "sessions", "sql"} <= set(data)
    assert data["headline"]["no_show_rate"] == made.headline.no_show_rate
    assert data["over_time"]["points"][0]["start"] == "2026-02-16"
    assert report_json(made) == report_json(report())
