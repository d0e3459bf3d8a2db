"""Habits of marking: who marks nobody, and whose registers look filled in by one click."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from queries.measures.habits import with_days_since
from reports.drawing import words
from reports.drawing.group_names import group_name


@dataclass(frozen=True, slots=True)
class Silent:
    """Who marks at a source of one side: due bookings, marks made, the session of the last one and the days from it
    to the last due booking.

    `kept_by` is staff, location or service, the first that the source names. Without any mark the last two are None.
    """

    keeper: str
    kept_by: str
    bookings: int
    marks: int
    last: dt.date | None
    days: int | None


@dataclass(frozen=True, slots=True)
class OneClick:
    """A member of staff with nothing but attended bookings, and the no-shows of all others; `chance` is that of it."""

    staff: str
    sessions: int
    bookings: int
    rest_no_shows: int
    rest_marked: int
    chance: float


def silent_of(rows: pl.DataFrame) -> tuple[Silent, ...]:
    """From the measure `silent_markers`, those who have marked nobody for longest first."""
    return tuple(
        Silent(
            group_name(row["kept_by"], row["keeper"]),
            row["kept_by"],
            row["bookings"],
            row["marks_made"],
            row["last_mark"],
            row["days_since"],
        )
        for row in with_days_since(rows).to_dicts()
    )


def one_click_of(rows: pl.DataFrame) -> tuple[OneClick, ...]:
    """From the measure `one_click_registers`, the least likely first."""
    return tuple(
        OneClick(
            words.clean(row["staff"]),
            row["sessions"],
            row["bookings"],
            row["rest_no_shows"],
            row["rest_rated_bookings"],
            row["chance"],
        )
        for row in rows.to_dicts()
    )
