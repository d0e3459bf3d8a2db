"""Rates by weekday and hour as a grid, by how far ahead bookings were made, and by the number of the visit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.clustering import Clustering
from queries.measures.rates import with_rates
from queries.model.groupings import LEAD_TIME_BANDS, VISIT_BANDS
from reports.drawing import words
from reports.drawing.rate_rows import RateRow, rate_row
from reports.sections.headline import content as headline
from reports.sections.over_time.weeks_and_months import is_by_month
from reports.sections.section import Inputs
from reports.sections.when.in_words import (
    Hours,
    LeadBand,
    empty_leads_in_words,
    hours_in_words,
    leads_in_words,
    visits_in_words,
)

# Cells of the grid differ by their number, and by one of so many steps from light to dark.
SHADES = 5
_WEEK = range(1, 8)
# Rates below this, or within it of each other, need a decimal to be distinguished.
_LOW = 0.1
# A source that gives dates only has its sessions at midnight.
NO_TIME, PERHAPS_NO_TIME = "all day", "00:00 or no time"


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a day of the week. `rate` is None, and `shade` 0, if too few are marked."""

    no_shows: int | None
    marked: int | None
    rate: float | None
    shade: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A row an hour, with a cell for each of the weekdays, None if there was no session; `top` is the highest rate.

    Without `has_times` no session has a known time, and the one row is the whole day. `decimals` is how many a rate
    has: one if the rates are low or near each other, so that 1.49 % and 1.51 % are not 1 % and 2 %.
    """

    weekdays: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    top: float | None
    summary: str
    has_times: bool = True
    decimals: int = 0

    @property
    def compares(self) -> bool:
        """Whether it has more than one weekday without a time; without any session it says so."""
        return self.has_times or len(self.weekdays) > 1

    @property
    def is_shaded(self) -> bool:
        """Whether its cells have several shades."""
        return len({cell.shade for _, cells in self.rows for cell in cells if cell and cell.shade}) > 1


@dataclass(frozen=True, slots=True)
class When:
    """The grid, the curve by lead time, the curve in words, and the contacts' first and later visits.

    There is no grid for records without weekdays and hours to compare: monthly totals, or dates of one weekday.
    """

    grid: Grid | None
    lead: tuple[LeadBand, ...]
    lead_summary: str
    visits: tuple[RateRow, ...] = ()

    @property
    def empty_leads(self) -> str:
        """Says which bands of lead time between the others no booking falls in; empty if there is none."""
        return empty_leads_in_words([band.name for band in self.lead])

    @property
    def visits_title(self) -> str:
        """The finding on first and later visits."""
        return visits_in_words(self.visits)


def content(inputs: Inputs) -> When | None:
    """The section of a report; None for monthly totals of which no more is known."""
    frames = inputs.frames
    counted = headline.content(inputs).one
    is_monthly = is_by_month(frames.by["day"])
    found = when_of(
        None if is_monthly else frames.counts["grid"],
        frames.by["lead_time"],
        frames.by["visit_number"],
        frames.clustering,
        inputs.about.options.min_bookings,
        counted,
    )
    return found if found.lead or found.visits or not is_monthly else None


def when_of(
    grid: pl.DataFrame | None,
    by_lead_time: pl.DataFrame,
    by_visit: pl.DataFrame,
    clustering: Clustering,
    min_bookings: int,
    counted: str,
) -> When:
    """From counts by local weekday and hour, None if those mean nothing, and rates by bands of lead time and visits.

    `counted` is the noun for the denominator of the rates.
    """
    lead = _lead(by_lead_time)
    found = None if grid is None else _grid(with_rates(grid, clustering), min_bookings, counted)
    return When(found if found and found.compares else None, lead, leads_in_words(lead), _visits(by_visit))


def _visits(by_visit: pl.DataFrame) -> tuple[RateRow, ...]:
    """The bands of visits; none if all are the first, or nobody is known."""
    rows = {row["visit_number"]: row for row in by_visit.to_dicts() if row["bookings"]}
    bands = tuple(rate_row(name, rows[name]) for name in VISIT_BANDS if name in rows)
    return bands if len(bands) > 1 else ()


def _grid(rates: pl.DataFrame, min_bookings: int, counted: str) -> Grid:
    cells = {
        (row["local_hour"], row["local_weekday"]): row
        for row in rates.filter(pl.col("bookings").ne_missing(0) & pl.col("local_hour").is_not_null()).to_dicts()
    }
    rates_known = [row["no_show_rate"] for row in cells.values() if _has_rate(row, min_bookings)]
    top = max(rates_known, default=None)
    days = [day for day in _WEEK if any(weekday == day for _, weekday in cells)]
    hours = sorted({hour for hour, _ in cells})
    rows = tuple(
        (_hour_name(hour, hours), tuple(_cell(cells.get((hour, day)), top, min_bookings) for day in days))
        for hour in hours
    )
    summary = _grid_summary(cells, min_bookings, counted)
    has_times = any(hours) or not hours
    return Grid(
        tuple(words.weekday(day) for day in days), rows, top, summary, has_times, _decimals(sorted(set(rates_known)))
    )


def _decimals(rates: Sequence[float]) -> int:
    """How many decimals distinguish the rates of cells, the lowest first: one if they are low or near, else none."""
    is_low = bool(rates) and 0 < rates[-1] < _LOW
    is_near = len({round(100 * rate) for rate in rates}) < len(rates) and rates[-1] - rates[0] < _LOW
    return int(is_low or is_near)


def _hour_name(hour: int, hours: Collection[int]) -> str:
    """An hour as `18:00`; at midnight there may be no time, and there is none if all sessions are then."""
    if not any(hours):
        return NO_TIME
    return f"{hour:02d}:00" if hour else PERHAPS_NO_TIME


def _has_rate(row: Mapping[str, Any], min_bookings: int) -> bool:
    return (
        row["rated_bookings"] is not None
        and row["rated_bookings"] >= min_bookings
        and row["missed_bookings"] is not None
    )


def _cell(row: Mapping[str, Any] | None, top: float | None, min_bookings: int) -> Cell | None:
    if row is None:
        return None
    counts = (row["missed_bookings"], row["rated_bookings"])
    if not _has_rate(row, min_bookings):
        return Cell(*counts, None, 0)
    rate = row["no_show_rate"]
    return Cell(*counts, rate, 1 + min(SHADES - 1, int(SHADES * rate / top)) if top else 1)


def _grid_summary(cells: Mapping[Any, Mapping[str, Any]], min_bookings: int, counted: str) -> str:
    known = [(at, row) for at, row in cells.items() if _has_rate(row, min_bookings)]
    withheld = sum(row["missed_bookings"] is None for row in cells.values())
    every = {hour for hour, _ in cells}
    has_times = any(every) or not every
    is_even = len({row["no_show_rate"] for _, row in known}) == 1
    hours = Hours(len(known), len(cells) - len(known) - withheld, withheld, has_times, is_even)
    if not known:
        return hours_in_words(hours, "", None, min_bookings, counted)
    (hour, day), row = max(known, key=lambda each: (each[1]["no_show_rate"], each[0]))
    counts = row["missed_bookings"], row["rated_bookings"]
    where = f"{words.weekday(day)} {_hour_name(hour, every)}" if has_times else words.weekday(day)
    return hours_in_words(hours, where, counts, min_bookings, counted)


def _lead(by_lead_time: pl.DataFrame) -> tuple[LeadBand, ...]:
    rows = {row["lead_time"]: row for row in by_lead_time.to_dicts() if row["bookings"] != 0}
    bands = [name for name in LEAD_TIME_BANDS if name in rows]
    missed = {name: rows[name]["missed_bookings"] for name in bands}
    total = None if None in missed.values() else sum(missed.values())  # no share of a withheld count
    found = []
    for at, name in enumerate(bands):
        row = rows[name]
        rates = ("no_show_rate", "no_show_rate_low", "no_show_rate_high")
        rate, low, high = (None, None, None) if row["too_few"] is not False else (row[name] for name in rates)
        beyond = sum(missed[later] for later in bands[at + 1 :]) / total if total else None
        found.append(LeadBand(name, row["missed_bookings"], row["rated_bookings"], rate, low, high, beyond))
    return tuple(found)
