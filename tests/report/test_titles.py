"""Every table and chart has its finding in its title, which a reader sees first."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from support import report_frames as build
from support.report_frames import draw, report

# A table that repeats a chart, or the titles of another table, is folded away below it.
FOLDED = re.compile(r"<details(?! class=.wide).*?</details>", re.S)
TITLE = re.compile(r"<(caption|figcaption) id=\"?([\w-]+)[^>]*>(.*?)</\1>", re.S)
# The heading above the picture is its finding.
TITLED_ABOVE = {"picture-words"}


def untitled(page: str) -> set[str]:
    found = TITLE.findall(FOLDED.sub("", page))
    assert len(found) > 5
    return {name for _, name, text in found if "<b>" not in text} - TITLED_ABOVE


def weekly(missed: int) -> dict[str, object]:
    starts = [dt.date(2025, 9, 1) + dt.timedelta(weeks=week) for week in range(20)]
    return {
        name: build.dated(name, *((day, build.counts(20 - missed, missed)) for day in starts))
        for name in ("week", "day")
    }


@pytest.mark.parametrize(
    "page",
    [
        lambda: draw(report()),
        lambda: draw(report(**weekly(3))),
        lambda: draw(report(**weekly(0))),
        lambda: draw(report({"share": True})),
    ],
    ids=["small", "weeks", "nobody missed", "shared"],
)
def test_every_table_and_chart_has_its_finding_in_its_title(page: object) -> None:
    assert untitled(page()) == set()  # type: ignore[operator]


def test_a_table_without_a_finding_is_noticed() -> None:
    others = "".join(f'<caption id="t{at}"><span><b>Found.</b> A table.</span></caption>' for at in range(6))
    assert untitled(others + '<caption id="bare"><span>A table.</span></caption>') == {"bare"}
