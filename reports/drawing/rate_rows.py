"""Rows of a plain table of rates: a group, its no-shows of all, rate and interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RateRow:
    """A group of bookings; rate and interval are None if too few of them are rated, or counts withheld."""

    name: str
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None


def rate_row(name: str, row: Mapping[str, Any]) -> RateRow:
    """From a row of `queries.no_show_rates`."""
    counts = (row["missed_bookings"], row["rated_bookings"])
    is_known = row["too_few"] is False and bool(row["rated_bookings"])
    rates = ("no_show_rate", "no_show_rate_low", "no_show_rate_high")
    rate, low, high = (row[column] if is_known else None for column in rates)
    return RateRow(name, *counts, rate, low, high)
