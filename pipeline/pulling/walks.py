"""List the walks that a pull makes, each with the body of its first request. A walk is a query and all its pages.

The API filters bookings by `updatedDate` and calendar events by local dates, but attendance only by id, booking, event
and status: no query returns the attendance that has changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.store.saved_pulls import id_of
from queries.model import api_paths
from queries.model.vocabularies import SERVICE_TYPES

# The API has no older events. Sessions further ahead come with a later pull.
_FIRST_EVENT = dt.date(2015, 1, 1)
_AHEAD = dt.timedelta(days=366)
# Attendance is marked, and events are changed, mostly within these days of the session.
AROUND = dt.timedelta(days=14)
# Orders, fees and policies beside the bookings, each with a permission of its own.
_MONEY = {"withEcomOrder": True, "withBookingFeeDetails": True, "withBookingPolicySettings": True}
_OCCURRENCES = ("NONE", "INSTANCE", "EXCEPTION")


@dataclass(frozen=True, slots=True)
class Walk:
    """A query to be fetched page by page: its file name, the word for its records, its path, and their key in a page.

    `body` is that of the first request; later requests carry only the cursor. `within` is the key of the object with
    the id, if that is not the record itself. `extras` are added to the body, and left out if the API refuses them:
    permissions of their own belong to them.
    """

    name: str
    noun: str
    path: str
    key: str
    body: Mapping[str, Any]
    within: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)

    def id_of(self, record: Mapping[str, Any]) -> str:
        """The id of a record, or ""."""
        known = record.get(self.within) if self.within else record
        return id_of(known) if isinstance(known, Mapping) else ""

    def request(self, cursor: str | None) -> Mapping[str, Any]:
        """The body of the request for the first page, or for the page at a cursor."""
        paging: dict[str, Any] = {"limit": api_paths.MAX_PAGE}
        if cursor is not None:
            return {**self.body, **self.extras, "query": {"cursorPaging": {**paging, "cursor": cursor}}}
        return {**self.body, **self.extras, "query": {**self.body.get("query", {}), "cursorPaging": paging}}

    def without_extras(self) -> Walk:
        """The same walk without the parts that the API may refuse."""
        return replace(self, extras={})


def first_walks(started: dt.datetime, since: dt.datetime | None) -> list[Walk]:
    """The walks over services, calendar events and bookings, and over all attendance if `since` is None."""
    return [
        Walk("services", "services", api_paths.QUERY_SERVICES, "services", {}),
        Walk("events", "calendar events", api_paths.QUERY_EVENTS, "events", _of_events(started, since)),
        Walk(
            "bookings",
            "bookings",
            api_paths.QUERY_EXTENDED_BOOKINGS,
            "extendedBookings",
            {"withBookingAttendanceInfo": True, "query": _updated_since(since)},
            within="booking",
            extras=_MONEY,
        ),
        *([] if since else [_attendances("attendances", {})]),
    ]


def walks_by(field: str, name: str, values: Sequence[str]) -> list[Walk]:
    """The walks over attendance with these values of a field, in batches of one page's size."""
    return [
        _attendances(f"{name}-{number:06d}", {"filter": {field: {"$in": list(batch)}}})
        for number, batch in enumerate(batches_of(values, api_paths.MAX_PAGE), 1)
    ]


def batches_of(values: Sequence[str], size: int) -> list[Sequence[str]]:
    """The values in order, so many together at the most."""
    return [values[start : start + size] for start in range(0, len(values), size)]


def _attendances(name: str, query: Mapping[str, Any]) -> Walk:
    return Walk(name, "attendance", api_paths.QUERY_ATTENDANCE, "attendances", {"query": query})


def _updated_since(since: dt.datetime | None) -> Mapping[str, Any]:
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
    """An aware moment in the API's spelling: UTC with milliseconds and a Z."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
