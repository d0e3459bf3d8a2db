"""Figures that changed since an earlier report."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import about, frames, plain, report

from queries.errors import UsageError
from reports.data import report_data, report_json
from reports.registry import SECTIONS
from reports.report import report_content
from reports.scope.circumstances import scope_of
from reports.sections.quality.since import changes_since


def test_what_changed_since_an_earlier_report_and_why() -> None:
    earlier = json.loads(report_json(report()))
    later = frames(
        week=build.dated(
            "week", (dt.date(2026, 2, 16), build.counts(15, 5)), (dt.date(2026, 2, 23), build.counts(10, 4, 2))
        )
    )
    made = report_content(later, about(earlier=earlier), SECTIONS)
    assert made.since is not None
    (changed,) = made.since.changed
    assert (changed.label, changed.was, changed.now) == (
        "2026-W08",
        "4 of 18 marked, of 18\u00a0bookings",
        "5 of 20 marked, of 20\u00a0bookings",
    )
    assert plain(changed.why) == "2 bookings came in late or became due, 2 bookings marked since"
    assert (made.since.unchanged, made.since.new) == (1, 0)
    same = report_content(frames(), about(earlier=earlier), SECTIONS)
    assert same.since is not None
    assert same.since.changed == ()


@pytest.mark.parametrize(
    ("earlier", "code"),
    [({}, "since.not_a_report"), ({"scope": {}, "over_time": None}, "since.not_a_report"), ("other", "since.scope")],
)
def test_an_earlier_report_of_another_kind_is_refused(earlier: Any, code: str) -> None:
    if earlier == "other":
        earlier = report_data(report({"filter": "service is Yoga"}))
    with pytest.raises(UsageError) as caught:
        changes_since(earlier, scope_of(about()), "week", ())
    assert caught.value.code == code
