"""The groupings: for each its name, its key and label in SQL over a row `p` of the fact, and its columns in a result.

A column of the fact becomes a grouping by one row here, with a name and a meaning: its key is the column itself.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from queries.errors import UsageError
from queries.model.attributes import PREFIX, attribute_named, attribute_sql

# A source that gives dates only has its sessions at midnight: "Mon 00:00" would name a time that nobody recorded.
MIDNIGHT = " 00:00"


def start_sql(start: str, time_format: str) -> str:
    """A local start as text, in SQL: `Mon 18:00`, and `Mon` at midnight."""
    return f"replace(strftime({start}, '{time_format}'), '{MIDNIGHT}', '')"


@dataclass(frozen=True, slots=True)
class Grouping:
    """How to group: rows with one `key` are one group; `names`, columns of the rows, make its readable name.

    The key is an expression over a row `p`; without one it is the row's column of the grouping's name. `kind` is the
    kind of a key that is not a column of the fact (see `FactColumn`).

    Names can change while ids stay: of several the last in the alphabet is shown, everywhere alike. `local_start`
    among them is written in `time_format`, without the time of day if that is midnight (`MIDNIGHT`).

    `in_order` groupings are listed in the order of their key (of `sequence`, if given), the others by rate.
    """

    name: str
    meaning: str
    key: str = ""
    key_column: str | None = None
    names: tuple[str, ...] = ()
    time_format: str = ""
    in_order: bool = False
    sequence: tuple[str, ...] = ()
    kind: str = "text"

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", self.key or f"p.{self.name}")

    @property
    def columns(self) -> tuple[str, ...]:
        """The group columns of a result: the id if it has one, then the name."""
        return (self.key_column, self.name) if self.key_column else (self.name,)

    @property
    def label(self) -> str | None:
        """The readable name of a group as an aggregate in SQL, or None."""
        return self._joined([f"max(p.{name})" for name in self.names])

    @property
    def row_label(self) -> str | None:
        """The readable name that a single row gives its group: the label, unless names within the group differ."""
        return self._joined([f"p.{name}" for name in self.names])

    def _joined(self, parts: Sequence[str]) -> str | None:
        timed = [start_sql(part, self.time_format) if "local_start" in part else part for part in parts]
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

# Up to this long before the start a cancellation falls into a band; below 0 it came after the start. Exactly 24 hours
# before is still within 24 hours, as for the late ones, and exactly 7 days is not over 7; but 2 hours is not under 2.
_NOTICE_BANDS = ((2, "under 2 hours"), (12, "2-12 hours"), (24, "12-24 hours"), (48, "1-2 days"), (168, "2-7 days"))
NOTICE_BANDS = ("after the start", *(label for _, label in _NOTICE_BANDS), "over 7 days")
_NOTICE = (
    "case when p.cancellation is null or p.canceled_at is null or p.starts_at is null then null "
    f"when p.canceled_at > p.starts_at then '{NOTICE_BANDS[0]}'"
    + "".join(
        f" when p.starts_at - p.canceled_at {'<' if label.startswith('under') else '<='} to_hours({hours})"
        f" then '{label}'"
        for hours, label in _NOTICE_BANDS
    )
    + f" else '{NOTICE_BANDS[-1]}' end"
)
VISIT_BANDS = ("first", "2-5", "6 and more")
_VISITS = (
    f"case when p.visit is null then null when p.visit = 1 then '{VISIT_BANDS[0]}' "
    f"when p.visit <= 5 then '{VISIT_BANDS[1]}' else '{VISIT_BANDS[2]}' end"
)

_ALL = (
    Grouping(
        "session",
        "one occurrence of a service",
        "p.session_id",
        "session_id",
        ("service", "local_start", "location"),
        "%a %Y-%m-%d %H:%M",
    ),
    Grouping(
        "series",
        "service, weekday, local start, location and staff",
        "p.series_id",
        "series_id",
        ("service", "local_start", "location", "staff"),
        "%a %H:%M",
    ),
    Grouping("service", "the service booked", "p.service_id", "service_id", ("service",)),
    Grouping("service_type", "APPOINTMENT, CLASS or COURSE"),
    Grouping("staff", "who led the session", "p.staff_id", "staff_id", ("staff",)),
    Grouping("location", "the location of the session", "p.location_id", "location_id", ("location",)),
    Grouping("local_weekday", "ISO weekday, 1 is Monday", in_order=True),
    Grouping("local_hour", "hour of the local start, 0 to 23", in_order=True),
    Grouping(
        "lead_time",
        "band of whole days from booking to start",
        _LEAD_TIME,
        in_order=True,
        sequence=LEAD_TIME_BANDS,
        kind="choice",
    ),
    Grouping("day", "local date of the start", "p.local_date", in_order=True),
    *(
        Grouping(part, meaning, f"date_trunc('{part}', p.local_date)::date", in_order=True, kind="date")
        for part, meaning in (
            ("week", "Monday of the ISO week of the start"),
            ("month", "first day of the month of the start"),
            ("quarter", "first day of the quarter of the start"),
        )
    ),
    Grouping("participant", "the contact who booked", "p.participant_id"),
    Grouping("party_size", "participants on the booking", "p.booked", in_order=True),
    Grouping("payment_status", "of the booking"),
    Grouping(
        "visit_number",
        "number of the contact's visit",
        _VISITS,
        in_order=True,
        sequence=VISIT_BANDS,
        kind="choice",
    ),
    Grouping(
        "notice",
        "time between a cancellation and the start, if known",
        _NOTICE,
        in_order=True,
        sequence=NOTICE_BANDS,
        kind="choice",
    ),
)
GROUPINGS = {grouping.name: grouping for grouping in _ALL}


def groupings_named(by: str | Sequence[str]) -> tuple[Grouping, ...]:
    """The groupings of those names, in that order; `weekday_hour` stands for weekday and hour together.

    Raises `UsageError` for an unknown name, a name given twice, or more than two names.
    """
    names = [by] if isinstance(by, str) else list(by)
    names = [part for name in names for part in _PAIRS.get(name, (name,))]
    for name in names:
        if name not in GROUPINGS and not attribute_named(name):
            raise UsageError("grouping.unknown", f"no grouping is called {name!r}", _nearest(name))
    if len(set(names)) != len(names):
        raise UsageError("grouping.twice", "the same grouping is named twice", "Name each once")
    if len(names) > 2:
        raise UsageError("grouping.too_many", f"{len(names)} groupings at once", "Take one or two")
    return tuple(GROUPINGS.get(name) or by_attribute(name) for name in names)


def by_attribute(name: str) -> Grouping:
    """The grouping `attributes.<name>` by the values of an attribute of the bookings."""
    own = name.removeprefix(PREFIX)
    return Grouping(name, f"the attribute {own} of the booking", attribute_sql(own))


_PAIRS = {"weekday_hour": ("local_weekday", "local_hour")}


def _nearest(name: str) -> str:
    # `weekday` and `hour` are nearer to none of them by their letters than to `day` and `staff`.
    within = [known for known in GROUPINGS if len(name) > 3 and (name in known or known in name)]
    near = within or difflib.get_close_matches(name, GROUPINGS, n=1)
    every = "Groupings: " + ", ".join(GROUPINGS)
    return f"Did you mean {near[0]!r}? {every}" if near else every
