"""The grid of hours and the lead-time curve."""

from __future__ import annotations

import re

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain, report


def test_the_grid_mutes_small_cells_and_keeps_their_numbers() -> None:
    grid = build.grid((1, 18, build.counts(15, 5)), (3, 18, build.counts(28, 2)), (1, 9, build.counts(3, 1)))
    made = report(grid=grid).when.grid
    assert made.weekdays == ("Mon", "Wed")
    (nine, early), (_, late) = made.rows
    assert nine == "09:00"
    assert early[1] is None
    assert early[0] is not None
    assert (early[0].rate, early[0].shade, early[0].no_shows, early[0].marked) == (None, 0, 1, 4)
    assert [cell and cell.shade for cell in late] == [5, 2]
    assert "The highest of 2 rates is that of Mon 18:00, 25.0 % (5 of 20)" in plain(made.summary)


def test_days_without_times_have_no_hour() -> None:
    cells = [(day, 0, build.counts(18, day)) for day in (1, 2, 3)]
    made = report(grid=build.grid(*cells)).when.grid
    assert [hour for hour, _ in made.rows] == ["all day"]
    assert "that of Wed, " in made.summary
    assert "hour" not in made.summary
    mixed = report(grid=build.grid(*cells, (1, 18, build.counts(18, 1)))).when.grid
    assert [hour for hour, _ in mixed.rows] == ["00:00 or no time", "18:00"]


def test_the_lead_time_curve_says_what_lies_beyond_each_horizon() -> None:
    lead = build.lead(
        ("same day", build.counts(18, 2)), ("2-7 days", build.counts(14, 6)), ("over 28 days", build.counts(8, 12))
    )
    made = report(lead_time=lead).when
    assert [(band.name, band.beyond) for band in made.lead] == [
        ("same day", 0.9),
        ("2-7 days", 0.6),
        ("over 28 days", 0.0),
    ]
    assert plain(made.lead_summary).startswith(
        "Of bookings for the same day, 10.0 % do not come (2 of 20); "
        "of those made over 28 days ahead, 60.0 % (12 of 20)."
    )
    assert "“" not in made.lead_summary


def test_first_and_later_visits_stand_in_their_order() -> None:
    bands = (("6 and more", build.counts(18, 2)), ("first", build.counts(12, 8)), (None, build.counts(9, 1)))
    frame = build.rates([({"visit_number": name}, row) for name, row in bands], {"visit_number": pl.String})
    made = report(visit_number=frame)
    assert [(row.name, row.no_shows, row.marked, row.rate) for row in made.when.visits] == [
        ("first", 8, 20, 0.4),
        ("6 and more", 2, 20, 0.1),
    ]
    assert "First and later visits" in build.draw(made)
    assert report(visit_number=frame.filter(pl.col("visit_number") == "first")).when.visits == ()


@pytest.mark.parametrize(("each", "rate"), [((20, 0), "0.0 %"), ((0, 20), "100.0 %"), ((18, 2), "10.0 %")])
def test_no_hour_is_the_highest_of_equal_rates(each: tuple[int, int], rate: str) -> None:
    cells = [(day, 18, build.counts(*each)) for day in (1, 2)]
    summary = plain(report(grid=build.grid(*cells)).when.grid.summary)
    assert summary == f"All 2 hours with a rate have the same one, {rate}."


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (((9541, 142), (12160, 184)), ("1.5 %", "1.5 %")),
        (((1000, 79), (1000, 82)), ("7.9 %", "8.2 %")),
        (((1000, 151), (1000, 149)), ("15.1 %", "14.9 %")),
        (((100, 10), (100, 40)), ("10 %", "40 %")),
        (((100, 0), (100, 0)), ("0 %", "0 %")),
    ],
)
def test_low_or_near_rates_of_the_grid_have_a_decimal(
    cells: tuple[tuple[int, int], ...], shown: tuple[str, ...]
) -> None:
    grid = build.grid(*((day, 18, build.counts(n - k, k)) for day, (n, k) in enumerate(cells, 1)))
    made = report(grid=grid)
    drawn = plain(build.draw(made)).replace("&nbsp;", " ")
    (row,) = re.findall(r"<th scope=\"row\">18:00</th>(.*?)</tr>", drawn)
    assert tuple(re.findall(r"<b>(.*?)</b>", row)) == shown
    assert ("the darker, the higher" in drawn) == made.when.grid.is_shaded == (shown[0] == "10 %")


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ((), ""),
        (("same day",), ""),
        (("1 day", "2-7 days"), ""),
        (("15-21 days", "over 28 days"), "No past booking was made 22-28 days ahead."),
        (("1 day", "15-21 days"), "No past booking was made 2-7 days or 8-14 days ahead."),
    ],
)
def test_bands_without_bookings_are_named_if_they_lie_between_others(names: tuple[str, ...], said: str) -> None:
    frame = build.lead(*((name, build.counts(18, 2)) for name in names))
    made = report(lead_time=frame)
    assert made.when.empty_leads == said
    assert build.draw(made).count(said) >= bool(said)
