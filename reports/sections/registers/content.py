"""Sessions with unmarked bookings: which registers to fill in, by location and staff and session by session.

If a source records one side only there is no register to fill in: a list of who has marked nobody for how long stands
instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from reports.drawing import words
from reports.drawing.anchors import row_id
from reports.sections.headline import content as headline
from reports.sections.registers.habits import OneClick, Silent, one_click_of, silent_of
from reports.sections.registers.in_words import one_click_in_words, silent_in_words
from reports.sections.section import Inputs
from reports.sections.sessions import content as sessions

MOST_REGISTERS = 60
# So long people remember who came.
_LATELY = dt.timedelta(weeks=4)
# Reads well alone in a column, and in "156 of them with no named member of staff at Harbour".
NO_STAFF = "no named member of staff"


@dataclass(frozen=True, slots=True)
class Keeper:
    """A person with registers to fill in at a location: sessions, bookings, the oldest day, and the id of the row.

    `location` is empty if the source does not record it.
    """

    location: str
    staff: str
    sessions: int
    unmarked: int
    oldest: dt.date | None
    id: str = "registers"


@dataclass(frozen=True, slots=True)
class Register:
    """A session that is due and has unmarked bookings."""

    id: str | None
    start: str
    service: str
    location: str
    staff: str
    unmarked: int
    bookings: int


@dataclass(frozen=True, slots=True)
class Registers:
    """Everything to fill in, the newest first, since nobody remembers who came years ago.

    `lately`: the keepers with their sessions of the last four weeks only.
    `silent`: who has marked nobody for how long, of sources that record one side only; without any others
    `has_registers` is False. `one_click`: registers that look filled in without looking, worth asking about.
    """

    sessions: int
    unmarked: int
    keepers: tuple[Keeper, ...]
    registers: tuple[Register, ...]
    cap: str | None
    has_registers: bool = True
    silent: tuple[Silent, ...] = ()
    silent_cap: str | None = None
    one_click: tuple[OneClick, ...] = ()
    lately: tuple[Keeper, ...] = ()

    @property
    def unmarked_lately(self) -> int:
        """The unmarked bookings of the last four weeks."""
        return sum(keeper.unmarked for keeper in self.lately)

    @property
    def silent_title(self) -> str:
        """The finding on those who mark nobody; empty without any."""
        return silent_in_words(self.silent)

    @property
    def one_click_title(self) -> str:
        """The finding on registers filled in by one click; empty without any."""
        return one_click_in_words(self.one_click)

    @property
    def linked(self) -> frozenset[str]:
        """The ids of the sessions that its list links to."""
        return frozenset(register.id for register in self.registers if register.id)


def content(inputs: Inputs) -> Registers:
    """The section of a report; a register links to its session if that is on the page."""
    listed = inputs.content(sessions.content)
    ids = {session.id for session in listed.sessions} if listed else frozenset[str]()
    rows = inputs.frames.rows
    return replace(
        registers_of(rows["registers"], ids, inputs.about.settled - _LATELY),
        has_registers=headline.content(inputs).has_registers,
        silent=silent_of(rows["silent_markers"])[:MOST_REGISTERS],
        silent_cap=_silent_cap(rows["silent_markers"].height),
        one_click=one_click_of(rows["one_click_registers"]),
    )


def registers_of(rows: pl.DataFrame, listed: Collection[str], since: dt.date) -> Registers:
    """From the measure `registers`: a row a session with its bookings and those unmarked.

    A register has an id, and so a link to its session, if the id is among the `listed`. `lately` begins on the local
    date `since`.
    """
    ordered = rows.sort("local_start", "session_id", descending=[True, False])
    return Registers(
        sessions=rows.height,
        unmarked=int(rows["unmarked_bookings"].sum()),
        keepers=_keepers(rows),
        lately=_keepers(rows.filter(pl.col("local_start").dt.date() >= since)),
        registers=tuple(_register(row, listed) for row in ordered.head(MOST_REGISTERS).to_dicts()),
        cap=_cap(rows.height),
    )


def _cap(sessions: int) -> str | None:
    if sessions <= MOST_REGISTERS:
        return None
    return f"The newest {words.of(MOST_REGISTERS, sessions)} sessions shown; the database has all of them"


def _silent_cap(keepers: int) -> str | None:
    return f"{words.of(MOST_REGISTERS, keepers)} shown" if keepers > MOST_REGISTERS else None


def _keepers(rows: pl.DataFrame) -> tuple[Keeper, ...]:
    by_keeper = (
        rows.group_by("location", "staff")
        .agg(
            sessions=pl.len(),
            unmarked=pl.col("unmarked_bookings").sum(),
            oldest=pl.col("local_start").min().dt.date(),
        )
        .sort("unmarked", "location", "staff", descending=[True, False, False], nulls_last=True)
    )
    return tuple(_keeper(row) for row in by_keeper.to_dicts())


def _keeper(row: Mapping[str, Any]) -> Keeper:
    return Keeper(
        words.clean(row["location"], ""),
        words.clean(row["staff"], NO_STAFF),
        row["sessions"],
        row["unmarked"],
        row["oldest"],
        row_id("keeper", row["staff"], f"{row['location']}|{row['staff']}"),
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
