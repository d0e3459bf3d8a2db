"""How much is wanted goes in; the walks to make, each with the body of its first request, come out.

A walk is a query and all its pages. What the API offers: bookings can be asked for by `updatedDate`, calendar events by
local dates, attendance by id, booking, event and status only: no query tells which attendance has changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline import wire
from queries.model.vocabularies import SERVICE_TYPES

# No event of the API is older; what is booked further ahead comes with a later pull.
_FIRST_EVENT = dt.date(2015, 1, 1)
_AHEAD = dt.timedelta(days=366)
# Registers are filled in, and events changed, mostly around the session.
AROUND = dt.timedelta(days=14)
_OCCURRENCES = ("NONE", "INSTANCE", "EXCEPTION")


@dataclass(frozen=True, slots=True)
class Walk:
    """A query to be walked page by page: its files' name, what a person calls it, its path, the key of its records.

    `body` is that of the first request; the later ones carry the cursor alone. `within` is the key of what has the id,
    where it is not the record itself.
    """

    name: str
    what: str
    path: str
    key: str
    body: Mapping[str, Any]
    within: str = ""

    def has_id(self, record: Mapping[str, Any]) -> bool:
        """Whether a record says which one it is."""
        known = record.get(self.within) if self.within else record
        return isinstance(known, Mapping) and bool(id_of(known))

    def request(self, cursor: str | None) -> Mapping[str, Any]:
        """The body of the request for the first page, or for the one behind a cursor."""
        paging: dict[str, Any] = {"limit": wire.MAX_PAGE}
        if cursor is not None:
            return {**self.body, "query": {"cursorPaging": {**paging, "cursor": cursor}}}
        return {**self.body, "query": {**self.body.get("query", {}), "cursorPaging": paging}}


def id_of(record: Mapping[str, Any]) -> str:
    """The id of a record, as the API or its SDK names it; empty where it has none."""
    return str(record.get("id") or record.get("_id") or "")


def first_walks(started: dt.datetime, since: dt.datetime | None) -> list[Walk]:
    """Services, calendar events, bookings, and where nothing is left out (`since` is None) attendance."""
    return [
        Walk("services", "services", wire.QUERY_SERVICES, "services", {}),
        Walk("events", "calendar events", wire.QUERY_EVENTS, "events", _of_events(started, since)),
        Walk(
            "bookings",
            "bookings",
            wire.QUERY_EXTENDED_BOOKINGS,
            "extendedBookings",
            {"withBookingAttendanceInfo": True, "query": _updated(since)},
            within="booking",
        ),
        *([] if since else [_attendances("attendances", {})]),
    ]


def walks_by(field: str, name: str, values: Sequence[str]) -> list[Walk]:
    """Attendance by a field that takes a list, in as many walks as it takes."""
    size = wire.MAX_PAGE
    batches = [values[start : start + size] for start in range(0, len(values), size)]
    return [
        _attendances(f"{name}-{number:06d}", {"filter": {field: {"$in": list(batch)}}})
        for number, batch in enumerate(batches, 1)
    ]


def _attendances(name: str, query: Mapping[str, Any]) -> Walk:
    return Walk(name, "attendance", wire.QUERY_ATTENDANCE, "attendances", {"query": query})


def _updated(since: dt.datetime | None) -> Mapping[str, Any]:
    return {"filter": {"updatedDate": {"$gte": wire_instant(since)}}} if since else {}


def _of_events(started: dt.datetime, since: dt.datetime | None) -> Mapping[str, Any]:
    first = (since - AROUND).date() if since else _FIRST_EVENT
    return {
        "fromLocalDate": f"{first.isoformat()}T00:00:00",
        "toLocalDate": f"{(started + _AHEAD).date().isoformat()}T00:00:00",
        "recurrenceType": list(_OCCURRENCES),
        "query": {"filter": {"type": {"$in": list(SERVICE_TYPES)}}},
    }


def wire_instant(moment: dt.datetime) -> str:
    """An aware moment as the API writes it."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
