"""Rates by weekday and hour as a grid, by how far ahead bookings were made, and by the number of the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.clustering import Clustering
from queries.measures.rates import with_rates
from queries.model.groupings import LEAD_TIME_BANDS, VISIT_BANDS
from reports.drawing import words
from reports.drawing.rate_rows import RateRow, rate_row
from reports.sections.headline import content as headline
from reports.sections.section import Inputs

# Cells of the grid differ by their number, and by one of so many steps from light to dark.
SHADES = 5
_WEEK = range(1, 8)


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a day of the week. `rate` is None, and `shade` 0, if too few are marked."""

    no_shows: int | None
    marked: int | None
    rate: float | None
    shade: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A row an hour, with a cell for each of the weekdays, None if there was no session; `top` is the highest rate."""

    weekdays: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Cell | None, ...]], ...]
    top: float | None
    summary: str


@dataclass(frozen=True, slots=True)
class LeadBand:
    """Bookings made so long ahead. `beyond` is the share of all no-shows that were booked farther ahead than this."""

    name: str
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None
    beyond: float | None


@dataclass(frozen=True, slots=True)
class When:
    """The grid, the curve by lead time, the curve in words, and the contacts' first and later visits."""

    grid: Grid
    lead: tuple[LeadBand, ...]
    lead_summary: str
    visits: tuple[RateRow, ...] = ()


def content(inputs: Inputs) -> When:
    """The section of a report."""
    frames = inputs.frames
    counted = headline.content(inputs).one
    return when_of(
        frames.counts["grid"],
        frames.by["lead_time"],
        frames.by["visit_number"],
        frames.clustering,
        inputs.about.options.min_bookings,
        counted,
    )


def when_of(
    grid: pl.DataFrame,
    by_lead_time: pl.DataFrame,
    by_visit: pl.DataFrame,
    clustering: Clustering,
    min_bookings: int,
    counted: str,
) -> When:
    """From counts by local weekday and hour, and rates by bands of lead time and visits.

    `counted` is the noun for the denominator of the rates.
    """
    lead = _lead(by_lead_time)
    return When(
        _grid(with_rates(grid, clustering), min_bookings, counted), lead, _lead_summary(lead), _visits(by_visit)
    )


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
        (f"{hour:02d}:00", tuple(_cell(cells.get((hour, day)), top, min_bookings) for day in days)) for hour in hours
    )
    return Grid(tuple(words.weekday(day) for day in days), rows, top, _grid_summary(cells, min_bookings, counted))


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
    if not known:
        return f"No hour has {words.plural(min_bookings, counted)} yet, too few for rates."
    (hour, day), row = max(known, key=lambda each: (each[1]["no_show_rate"], each[0]))
    few = len(cells) - len(known)
    withheld = " or counts withheld" if any(row["missed_bookings"] is None for row in cells.values()) else ""
    fewer = "marked" if counted.startswith("marked") else "bookings"
    muted = f" {words.plural(few, 'cell')} with fewer than {min_bookings} {fewer}{withheld} muted." if few else ""
    highest = "Of the hours that are shown, the highest rate is" if withheld else "The highest rate is"
    return (
        f"{highest} at {words.weekday(day)} {hour:02d}:00, {words.percent(row['no_show_rate'])} "
        f"({words.of(row['missed_bookings'], row['rated_bookings'])}); "
        f"the highest of many is high by chance too.{muted}"
    )


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


def _lead_summary(lead: tuple[LeadBand, ...]) -> str:
    known = [band for band in lead if band.rate is not None]
    if len(known) < 2:
        return "Too few bookings to say how the rate depends on how far ahead they are made."
    first, last = known[0], known[-1]
    half = next((band for band in lead[:-1] if band.beyond is not None and band.beyond <= 0.5), None)
    beyond = (
        f" {words.percent(half.beyond)} of the no-shows were booked farther ahead than “{half.name}”." if half else ""
    )
    return (
        f"Of bookings made “{first.name}” ahead {words.percent(first.rate)} do not come "
        f"({words.of(first.no_shows, first.marked)}), of those made “{last.name}” ahead {words.percent(last.rate)} "
        f"({words.of(last.no_shows, last.marked)}).{beyond}"
    )
