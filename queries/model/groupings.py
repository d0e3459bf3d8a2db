"""A grouping's name goes in; its column names and SQL expressions over the rows of `counted_at` (alias p) come out."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from queries.errors import UsageError


@dataclass(frozen=True, slots=True)
class Grouping:
    """How to group: rows with one `key` are one group; `names`, columns of the rows, make its readable name.

    Names can change while ids stay: of several the last in the alphabet is shown, everywhere alike. `local_start`
    among them is written in `time_format`.

    `in_order` groupings are listed in the order of their key (of `sequence`, where given), the others by rate.
    """

    name: str
    key: str
    meaning: str
    key_column: str | None = None
    names: tuple[str, ...] = ()
    time_format: str = ""
    in_order: bool = False
    sequence: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The group columns of a result: the id where there is one, then the name."""
        return (self.key_column, self.name) if self.key_column else (self.name,)

    @property
    def label(self) -> str | None:
        """The readable name of a group as an aggregate in SQL, where it has one."""
        parts = [f"max(p.{name})" for name in self.names]
        timed = [f"strftime({part}, '{self.time_format}')" if "local_start" in part else part for part in parts]
        return timed[0] if len(timed) == 1 else f"concat_ws(', ', {', '.join(timed)})" if timed else None


_LEAD_BANDS = (
    (0, "same day"),
    (1, "1 day"),
    (7, "2-7 days"),
    (14, "8-14 days"),
    (21, "15-21 days"),
    (28, "22-28 days"),
)
LEAD_TIME_BANDS = (*(label for _, label in _LEAD_BANDS), "over 28 days")
_LEAD_TIME = (
    "case when p.lead_days is null or p.lead_days < 0 then null"
    + "".join(f" when p.lead_days <= {days} then '{label}'" for days, label in _LEAD_BANDS)
    + f" else '{LEAD_TIME_BANDS[-1]}' end"
)

_ALL = (
    Grouping(
        "session",
        "p.session_id",
        "one occurrence of a service",
        "session_id",
        ("service", "local_start", "location"),
        "%a %Y-%m-%d %H:%M",
    ),
    Grouping(
        "series",
        "p.series_id",
        "service, weekday, local start, location and staff",
        "series_id",
        ("service", "local_start", "location", "staff"),
        "%a %H:%M",
    ),
    Grouping("service", "p.service_id", "what was booked", "service_id", ("service",)),
    Grouping("service_type", "p.service_type", "APPOINTMENT, CLASS or COURSE"),
    Grouping("staff", "p.staff_id", "who led the session", "staff_id", ("staff",)),
    Grouping("location", "p.location_id", "where the session was", "location_id", ("location",)),
    Grouping("local_weekday", "p.local_weekday", "ISO weekday, 1 is Monday", in_order=True),
    Grouping("local_hour", "p.local_hour", "hour of the local start, 0 to 23", in_order=True),
    Grouping(
        "lead_time",
        _LEAD_TIME,
        "band of whole days from booking to start",
        in_order=True,
        sequence=LEAD_TIME_BANDS,
    ),
    Grouping("day", "p.local_date", "local date of the start", in_order=True),
    Grouping("week", "date_trunc('week', p.local_date)::date", "Monday of the ISO week of the start", in_order=True),
    Grouping(
        "month",
        "date_trunc('month', p.local_date)::date",
        "first day of the month of the start",
        in_order=True,
    ),
    Grouping(
        "quarter",
        "date_trunc('quarter', p.local_date)::date",
        "first day of the quarter of the start",
        in_order=True,
    ),
    Grouping("participant", "p.participant_id", "the contact who booked"),
    Grouping("party_size", "p.booked", "participants on the booking", in_order=True),
    Grouping("payment_status", "p.payment_status", "of the booking"),
)
GROUPINGS = {grouping.name: grouping for grouping in _ALL}


def groupings_named(by: str | Sequence[str]) -> tuple[Grouping, ...]:
    """The groupings of those names, in that order; `weekday_hour` stands for weekday and hour together.

    Raises `UsageError` for a name that is none, a name given twice, or more than two.
    """
    names = [by] if isinstance(by, str) else list(by)
    names = [part for name in names for part in _PAIRS.get(name, (name,))]
    for name in names:
        if name not in GROUPINGS:
            raise UsageError("grouping.unknown", f"no grouping is called {name!r}", _nearest(name))
    if len(set(names)) != len(names):
        raise UsageError("grouping.twice", "the same grouping is named twice", "Name each once")
    if len(names) > 2:
        raise UsageError("grouping.too_many", f"{len(names)} groupings at once", "Take one or two")
    return tuple(GROUPINGS[name] for name in names)


_PAIRS = {"weekday_hour": ("local_weekday", "local_hour")}


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, GROUPINGS, n=1)
    every = "Groupings: " + ", ".join(GROUPINGS)
    return f"Did you mean {near[0]!r}? {every}" if near else every
