"""Sessions with unmarked bookings go in; what to fill in, by place and person and session by session, comes out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.page import words
from reports.sections.where.rankings import row_id

SHOWN = 60


@dataclass(frozen=True, slots=True)
class Keeper:
    """Who has registers to fill in, and where: how many sessions and bookings, the oldest first day."""

    location: str
    staff: str
    sessions: int
    unmarked: int
    oldest: dt.date | None


@dataclass(frozen=True, slots=True)
class Register:
    """A session that is due and has bookings not marked."""

    id: str | None
    start: str
    service: str
    location: str
    staff: str
    unmarked: int
    bookings: int


@dataclass(frozen=True, slots=True)
class Registers:
    """Everything to fill in, the oldest first."""

    sessions: int
    unmarked: int
    keepers: tuple[Keeper, ...]
    registers: tuple[Register, ...]
    cap: str | None


def registers_of(rows: pl.DataFrame, listed: Collection[str]) -> Registers:
    """From the measure `registers`: a row a session with its bookings and those unmarked.

    A register has an id, and so a link to its session, where that is among the `listed`.
    """
    ordered = rows.sort("local_start", "session_id")
    return Registers(
        sessions=rows.height,
        unmarked=int(rows["unmarked_bookings"].sum()),
        keepers=tuple(_keeper(row) for row in _by_keeper(rows).to_dicts()),
        registers=tuple(_register(row, listed) for row in ordered.head(SHOWN).to_dicts()),
        cap=None
        if rows.height <= SHOWN
        else f"The oldest {words.of(SHOWN, rows.height)} sessions shown; for the rest, the view missing_registers",
    )


def _by_keeper(rows: pl.DataFrame) -> pl.DataFrame:
    return (
        rows.group_by("location", "staff")
        .agg(
            sessions=pl.len(),
            unmarked=pl.col("unmarked_bookings").sum(),
            oldest=pl.col("local_start").min().dt.date(),
        )
        .sort("oldest", "location", "staff", nulls_last=True)
    )


def _keeper(row: Mapping[str, Any]) -> Keeper:
    return Keeper(
        words.clean(row["location"], "no place given"),
        words.clean(row["staff"], "nobody named"),
        row["sessions"],
        row["unmarked"],
        row["oldest"],
    )


def _register(row: Mapping[str, Any], listed: Collection[str]) -> Register:
    anchor = row_id("session", None, row["session_id"])
    return Register(
        id=anchor if anchor in listed else None,
        start=words.clock(row["local_start"]),
        service=words.clean(row["service"]),
        location=words.clean(row["location"], ""),
        staff=words.clean(row["staff"], ""),
        unmarked=row["unmarked_bookings"],
        bookings=row["bookings"],
    )
