"""The first words of the report, for every kind of data."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import plain

from queries.gathered import Period
from reports.sections.headline.change import comparison
from reports.sections.headline.content import headline_of
from reports.sections.headline.figures import Headline


@pytest.fixture
def headline() -> Any:
    def make(*counts: int) -> Headline:
        return headline_of(build.rates([({}, build.counts(*counts))], {}))

    return make


def test_the_rate_comes_with_its_denominator(headline: Any) -> None:
    h = headline(3296, 412, 300)
    assert plain(h.figure) == "11.1 %"
    assert h.sentence == "About 1 in 9: 412 of 3,708 marked bookings did not come."
    assert h.text == (
        "No-show rate 11.1 %: 412 of 3,708 marked bookings did not come "
        "(95 % interval 10.1 % to 12.2 %, coverage 92.5 %)."
    )
    assert not h.bounds_lead


def test_below_80_percent_coverage_the_bounds_lead(headline: Any) -> None:
    h = headline(60, 19, 21)
    assert (h.coverage, h.bounds_lead) == (0.79, True)
    assert plain(h.figure) == "19.0 % to 40.0 %"
    assert plain(h.sentence) == (
        "19 of 79 marked bookings did not come (24.1 %), but too few are marked to lead with that."
    )
    assert h.text == (
        "No-show rate between 19.0 % and 40.0 %: 24.1 % of the marked "
        "(19 of 79 marked bookings did not come), coverage 79.0 %."
    )


def test_at_80_percent_coverage_the_rate_leads(headline: Any) -> None:
    assert not headline(60, 20, 20).bounds_lead


def test_no_no_show_and_nothing_but(headline: Any) -> None:
    assert headline(40, 0).sentence == "None: 0 of 40 marked bookings did not come."
    assert headline(0, 40).sentence == "All: 40 of 40 marked bookings did not come."


def test_nothing_marked_is_unknown_and_not_zero(headline: Any) -> None:
    h = headline(0, 0, 40)
    assert h.figure == "unknown"
    assert plain(h.sentence) == "None of 40 due bookings is marked as attended or not attended."
    assert h.text.startswith("No-show rate unknown. None of 40 due bookings")


def test_nothing_due(headline: Any) -> None:
    h = headline(0, 0, 0)
    assert h.text == "No-show rate unknown. No booked session is due yet, so there is nothing to count."
    assert (h.no_show_rate, h.coverage, h.bounds_lead) == (None, None, False)


def test_a_change_comes_with_newcombes_interval() -> None:
    now, before = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    made = comparison(now, (200, 30), before, (210, 24))
    assert plain(made.verdict).startswith("+3.6 points (95 % interval −3.0 to +10.2 points): no clear change")
    clear = comparison(now, (2000, 300), before, (2000, 100))
    assert "more than chance would explain" in clear.verdict
    assert "no comparison" in comparison(now, (0, 0), before, (10, 1)).verdict
