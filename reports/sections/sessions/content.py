"""The table of every session, capped if it would grow too long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from reports.drawing import words
from reports.drawing.anchors import row_id
from reports.drawing.sentences import Sentence, say
from reports.sections.over_time.weeks_and_months import is_by_month
from reports.sections.section import Inputs


@dataclass(frozen=True, slots=True)
class Session:
    """A session that is due, with its counts of bookings; the cells of its row are in this order.

    Attended and no-shows are those of the rate, presumed ones among them; late cancellations, walk-ins and excused have
    a cell if there are any.
    """

    id: str
    start: str
    service: str
    location: str
    staff: str
    bookings: int
    attended: int
    no_shows: int
    unmarked: int
    late_cancelled: int | None
    walk_ins: int
    excused: int


@dataclass(frozen=True, slots=True)
class Sessions:
    """The newest sessions first; `cap` says so if not all are listed."""

    sessions: tuple[Session, ...]
    total: int
    cap: str | None

    @property
    def title(self) -> str:
        """How many there are, and how many of them are listed."""
        return sessions_in_words(self)

    @property
    def has_locations(self) -> bool:
        """Whether any of them has a known location."""
        return any(session.location for session in self.sessions)

    @property
    def has_staff(self) -> bool:
        """Whether any of them has a known member of staff."""
        return any(session.staff for session in self.sessions)

    @property
    def has_late_cancelled(self) -> bool:
        """Whether any booking of them is known to have been cancelled late."""
        return any(session.late_cancelled for session in self.sessions)

    @property
    def has_walk_ins(self) -> bool:
        """Whether anybody came to one of them without being booked, as far as the source records that."""
        return any(session.walk_ins for session in self.sessions)

    @property
    def has_excused(self) -> bool:
        """Whether any booking of them is excused."""
        return any(session.excused for session in self.sessions)


TITLES: Sequence[Sentence[Sessions]] = (
    Sentence("No session is over yet.", lambda each: not each.sessions),
    Sentence("{total} with the counts of each.", lambda each: bool(each.sessions) and each.cap is None),
    Sentence("The newest {listed} of {total}.", lambda each: bool(each.sessions) and each.cap is not None),
)


def sessions_in_words(found: Sessions) -> str:
    """How many there are, and how many of them are listed."""
    values = {"listed": words.count(len(found.sessions)), "total": words.plural(found.total, "session")}
    return say(found, TITLES, values)


def content(inputs: Inputs) -> Sessions:
    """The section of a report."""
    return sessions_of(inputs.frames.rows["sessions"], is_by_month(inputs.frames.by["day"]))


def sessions_of(rows: pl.DataFrame, is_monthly: bool = False) -> Sessions:
    """From the measure `sessions`: a row for each listed session, with how many there are.

    The dates of monthly totals have no weekday.
    """
    ordered = rows.sort(["local_start", "session_id"], descending=[True, False])
    total = ordered["all_sessions"][0] if ordered.height else 0
    cap = "The database has all of them" if total > ordered.height else None
    return Sessions(tuple(_session(row, is_monthly) for row in ordered.to_dicts()), total, cap)


def _session(row: Mapping[str, Any], is_monthly: bool) -> Session:
    return Session(
        row_id("session", None, row["session_id"]),
        row["local_start"].date().isoformat() if is_monthly else words.clock(row["local_start"]),
        words.clean(row["service"]),
        words.clean(row["location"], ""),
        words.clean(row["staff"], ""),
        row["bookings"],
        row["rated_bookings"] - row["missed_bookings"],
        row["missed_bookings"],
        row["unmarked_bookings"],
        row["late_cancelled"],
        row["walk_ins"],
        row["excused"],
    )
