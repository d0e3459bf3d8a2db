"""Rates by weekday and hour and by lead time go in; the grid and the lead-time curve come out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.measures.rates import with_rates
from queries.model.groupings import LEAD_TIME_BANDS
from reports import words

# Shades of the grid: cells are told apart by their number, and by one of so many steps from light to dark.
SHADES = 5
_WEEK = range(1, 8)


@dataclass(frozen=True, slots=True)
class Cell:
    """An hour of a day of the week. `rate` is None, and `shade` 0, where too few are marked to say."""

    no_shows: int | None
    marked: int | None
    rate: float | None
    shade: int


@dataclass(frozen=True, slots=True)
class Grid:
    """A row an hour, with a cell for each of the weekdays, None where no session was; `top` is the darkest rate."""

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
    """The section: the grid, the curve, and what the curve says."""

    grid: Grid
    lead: tuple[LeadBand, ...]
    lead_summary: str


def when_of(grid: pl.DataFrame, by_lead_time: pl.DataFrame, min_bookings: int) -> When:
    """From counts by local weekday and hour, and rates by lead-time band."""
    lead = _lead(by_lead_time)
    return When(_grid(with_rates(grid), min_bookings), lead, _lead_summary(lead))


def _grid(rates: pl.DataFrame, min_bookings: int) -> Grid:
    cells = {
        (row["local_hour"], row["local_weekday"]): row
        for row in rates.filter(pl.col("bookings").ne_missing(0) & pl.col("local_hour").is_not_null()).to_dicts()
    }
    told = [row["no_show_rate"] for row in cells.values() if _says(row, min_bookings)]
    top = max(told, default=None)
    days = [day for day in _WEEK if any(weekday == day for _, weekday in cells)]
    hours = sorted({hour for hour, _ in cells})
    rows = tuple(
        (f"{hour:02d}:00", tuple(_cell(cells.get((hour, day)), top, min_bookings) for day in days)) for hour in hours
    )
    return Grid(tuple(words.weekday(day) for day in days), rows, top, _grid_summary(cells, min_bookings))


def _says(row: Mapping[str, Any], min_bookings: int) -> bool:
    return row["marked_bookings"] is not None and row["marked_bookings"] >= min_bookings and row["no_shows"] is not None


def _cell(row: Mapping[str, Any] | None, top: float | None, min_bookings: int) -> Cell | None:
    if row is None:
        return None
    counts = (row["no_shows"], row["marked_bookings"])
    if not _says(row, min_bookings):
        return Cell(*counts, None, 0)
    rate = row["no_show_rate"]
    return Cell(*counts, rate, 1 + min(SHADES - 1, int(SHADES * rate / top)) if top else 1)


def _grid_summary(cells: Mapping[Any, Mapping[str, Any]], min_bookings: int) -> str:
    told = [(at, row) for at, row in cells.items() if _says(row, min_bookings)]
    if not told:
        return f"No hour has {words.plural(min_bookings, 'marked booking')} yet, too few for rates."
    (hour, day), row = max(told, key=lambda each: (each[1]["no_show_rate"], each[0]))
    few = len(cells) - len(told)
    withheld = " or counts withheld" if any(row["no_shows"] is None for row in cells.values()) else ""
    muted = f" {words.plural(few, 'cell')} with fewer than {min_bookings} marked{withheld} muted." if few else ""
    highest = "Of the hours that are told, the highest rate is" if withheld else "The highest rate is"
    return (
        f"{highest} at {words.weekday(day)} {hour:02d}:00, {words.percent(row['no_show_rate'])} "
        f"({words.of(row['no_shows'], row['marked_bookings'])}); the highest of many is high by chance too.{muted}"
    )


def _lead(by_lead_time: pl.DataFrame) -> tuple[LeadBand, ...]:
    rows = {row["lead_time"]: row for row in by_lead_time.to_dicts() if row["bookings"] != 0}
    bands = [name for name in LEAD_TIME_BANDS if name in rows]
    missed = {name: rows[name]["no_shows"] for name in bands}
    total = None if None in missed.values() else sum(missed.values())  # a share of what is withheld is not told
    found = []
    for at, name in enumerate(bands):
        row = rows[name]
        rates = ("no_show_rate", "no_show_rate_low", "no_show_rate_high")
        rate, low, high = (None, None, None) if row["too_few"] is not False else (row[name] for name in rates)
        beyond = sum(missed[later] for later in bands[at + 1 :]) / total if total else None
        found.append(LeadBand(name, row["no_shows"], row["marked_bookings"], rate, low, high, beyond))
    return tuple(found)


def _lead_summary(lead: tuple[LeadBand, ...]) -> str:
    told = [band for band in lead if band.rate is not None]
    if len(told) < 2:
        return "Too few bookings to tell how the rate depends on how far ahead they are made."
    first, last = told[0], told[-1]
    half = next((band for band in lead[:-1] if band.beyond is not None and band.beyond <= 0.5), None)
    beyond = (
        f" {words.percent(half.beyond)} of the no-shows were booked farther ahead than “{half.name}”." if half else ""
    )
    return (
        f"Of bookings made “{first.name}” ahead {words.percent(first.rate)} do not come "
        f"({words.of(first.no_shows, first.marked)}), of those made “{last.name}” ahead {words.percent(last.rate)} "
        f"({words.of(last.no_shows, last.marked)}).{beyond}"
    )
