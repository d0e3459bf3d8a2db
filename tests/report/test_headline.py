"""The first words of the report, for every kind of data."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain, report

from queries.gathered import Period
from queries.measures.differences import Rated, difference_between
from reports.drawing import words
from reports.sections.headline.change import LATEST, SENTENCES, comparison, latest
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
    assert plain(h.sentence) == "None of 40 past bookings is marked as attended or not attended."
    assert h.text.startswith("No-show rate unknown. None of 40 past bookings")


def test_nothing_due(headline: Any) -> None:
    h = headline(0, 0, 0)
    assert h.text == "No-show rate unknown. No booked session is over yet, so there is nothing to count."
    assert (h.no_show_rate, h.coverage, h.bounds_lead) == (None, None, False)
    cancelled = replace(h, cancelled_bookings=7).text
    assert plain(cancelled).endswith(
        "Every booked session was cancelled (7 past bookings), so there is nothing to count."
    )


def test_two_chosen_periods_are_compared_once_with_newcombes_interval() -> None:
    now, before = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    made = comparison(now, Rated(200, 30), before, Rated(210, 24))
    assert plain(made.verdict) == (
        "+3.6 points (likely range −3.0 to +10.2 points): too little to distinguish the two. A difference of 9.4 "
        "points would be found four times out of five."
    )
    clear = comparison(now, Rated(2000, 300), before, Rated(2000, 100))
    assert clear.verdict.endswith("): more than chance would explain.")
    assert "no comparison" in comparison(now, Rated(0, 0), before, Rated(10, 1)).verdict


def test_the_last_four_weeks_have_a_difference_and_no_verdict_of_their_own() -> None:
    """Whether the rate changed is one question for all weeks."""
    now, before = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    for counts, leaves_out_0 in ((Rated(210, 24), False), (Rated(2100, 24), True)):
        made = latest(now, Rated(200, 30), before, counts)
        assert made.change is None
        assert re.match(r"\+\S+ points \(likely range \S+ to \S+ points\)[.:]", plain(made.verdict))
        # An interval that leaves out 0 stands beside the verdict on all weeks, which may be that nothing changed.
        assert ("one pair in twenty" in made.verdict) == leaves_out_0
        assert ("too few bookings to compare" in made.verdict) != leaves_out_0
    assert "no comparison" in latest(now, Rated(20, 3), before, Rated(0, 0)).verdict


@pytest.mark.parametrize(
    ("now", "before", "shown"),
    [
        ((342, 45), (338, 45), ("13.16 %", "13.31 %", "−0.2")),
        ((200, 30), (210, 24), ("15.0 %", "11.4 %", "+3.6")),
        ((100, 20), (100, 10), ("20.0 %", "10.0 %", "+10.0")),
        ((100, 10), (100, 10), ("10.0 %", "10.0 %", "0.0")),
    ],
)
def test_two_rates_show_the_difference_between_them(
    now: tuple[int, int], before: tuple[int, int], shown: tuple[str, ...]
) -> None:
    period = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    for compare in (comparison, latest):
        made = compare(period, Rated(*now), period, Rated(*before))
        said = (made.rate_now.split(" (")[0], made.rate_before.split(" (")[0], made.verdict.split(words.NBSP)[0])
        assert tuple(map(plain, said)) == shown


def test_every_verdict_on_two_periods_makes_one_sentence_true() -> None:
    for verdict in (
        difference_between(Rated(200, 30), Rated(210, 24)),
        difference_between(Rated(2000, 300), Rated(2000, 100)),
        difference_between(Rated(0, 0), Rated(2000, 100)),
    ):
        for sentences in (SENTENCES, LATEST):
            assert sum(sentence.is_true(verdict) for sentence in sentences) == 1


def test_cancellations_stand_by_their_notice_beside_the_facts() -> None:
    bands = (("2-7 days", 3, 0, 1), (None, 40, 0, 0), ("after the start", 1, 1, 0), ("under 2 hours", 0, 0, 0))
    columns = ("cancelled_bookings", "late_cancelled", "business_cancelled")
    rows = [({"notice": name}, build.counts(0, 0, **dict(zip(columns, each, strict=True)))) for name, *each in bands]
    made = report(notice=build.rates(rows, {"notice": pl.String}))
    assert [(band.name, band.cancelled, band.late, band.by_business, band.share) for band in made.notice] == [
        ("after the start", 1, 1, 0, 0.25),
        ("2-7 days", 3, 0, 1, 0.75),
        ("time unknown", 40, 0, 0, None),
    ]
    assert "Cancelled how long before the start" in build.draw(made)
    assert report().notice == ()


@pytest.mark.parametrize(
    ("recorded", "limit"),
    [
        (["both"], None),
        ([], None),
        (["no_shows"], "at least"),
        (["default"], "at least"),
        (["default", "no_shows"], "at least"),
        (["both", "no_shows"], "at least"),
        (["arrivals"], "at most"),
        (["arrivals", "both"], "at most"),
        (["arrivals", "no_shows"], None),
        (["arrivals", "both", "default"], None),
    ],
)
def test_the_rate_is_a_bound_where_what_is_presumed_moves_it_one_way(recorded: list[str], limit: str | None) -> None:
    regimes = build.rows("regimes", *({"marks": marks, "bookings": 10} for marks in recorded))
    made = report(regimes=regimes).headline
    assert made.limit == limit
    assert made.is_presumed == bool(set(recorded) - {"both"})
    assert made.has_registers == (not recorded or "both" in recorded)
    assert bool(made.presumption) == made.is_presumed
    assert (limit or "") in made.text
    # A source that only had bookings that are not due any more says nothing of the rate.
    none_due = build.rows("regimes", *({"marks": marks, "bookings": 0} for marks in recorded))
    assert report(regimes=none_due).headline.limit is None


def test_a_shared_report_says_the_limit_and_no_count_of_the_sources() -> None:
    names = pl.DataFrame({"marks": ["arrivals", "no_shows"], "bookings": [None, None], "summed_bookings": [None, None]})
    regimes = names.cast({"bookings": pl.Int64, "summed_bookings": pl.Int64})
    made = report({"share": True}, regimes=regimes).headline
    assert made.presumption.startswith("Some bookings are presumed to have come unless somebody said otherwise")
    least = report({"share": True}, regimes=regimes.filter(pl.col("marks") == "no_shows")).headline
    assert least.limit == "at least"


def test_cancellations_by_the_business_stand_apart_from_late_ones() -> None:
    row = build.counts(8, 2, cancelled_bookings=9, late_cancelled=4)
    said = [
        {fact.name: fact.meaning for fact in report(overall=build.rates([({}, each)], {})).facts}[
            "Cancelled beforehand"
        ]
        for each in (row, row | {"business_cancelled": 3})
    ]
    within = "bookings, 4 of them late (within 24 hours of the start)"
    assert said == [
        f"{within}, not counted as no-shows",
        f"{within} and 3 by the business, at whatever time; not counted as no-shows",
    ]


def test_what_no_source_records_is_not_said_to_be_none() -> None:
    """Most exports leave out cancellations and walk-ins, and a 0 would read as a finding."""
    names = {
        count: [fact.name for fact in report(overall=build.rates([({}, build.counts(80, 20, **more))], {})).facts]
        for count, more in ((0, {}), (3, {"cancelled_bookings": 3, "walk_ins": 3}))
    }
    recorded = {"With late cancellations", "Cancelled beforehand", "Walk-ins"}
    assert recorded.isdisjoint(names[0])
    assert recorded <= set(names[3])
