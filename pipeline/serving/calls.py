"""The table of the API's calls that are served, each with its paths and the function that answers it.

`{id}` in a path is the id of an attendance. The first path of a call is the documented one; the others are used by the
SDK and by older pages of the reference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.marks.marking import (
    bulk_delete_attendances,
    bulk_set_attendance,
    delete_attendance,
    set_attendance,
)
from pipeline.store.opening import Store
from queries.listings import query_events, query_extended_bookings, query_services
from queries.listings.attendance import Wire, count_attendances, get_attendance, query_attendance
from queries.model import api_paths


@dataclass(frozen=True, slots=True)
class Arguments:
    """The arguments of a request: the id in its path, or "", and its body."""

    id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API, which either reads a snapshot or writes to the store."""

    method: str
    paths: tuple[str, ...]
    reads: Callable[[duckdb.DuckDBPyConnection, Arguments], Wire] | None = None
    writes: Callable[[Store, Arguments], Wire] | None = None


def _attendance(end: str) -> tuple[str, ...]:
    bases = (
        "/bookings/v2/attendance",
        "/bookings/bookings-attendance",
        "/_api/bookings-attendance",
        "/bookings/attendance",
        "/bookings/attendance/v2/attendance",
    )
    return tuple(base + end for base in bases)


def _bulk(end: str) -> tuple[str, ...]:
    bases = ("/bookings", "/bookings-attendance", "/_api/bookings-attendance", "/bookings/attendance")
    return tuple(f"{base}/v2/bulk/attendance{end}" for base in bases)


CALLS = (
    Call("GET", _attendance("/{id}"), reads=lambda con, args: get_attendance(con, args.id)),
    Call("DELETE", _attendance("/{id}"), writes=lambda store, args: delete_attendance(store, args.id)),
    Call("POST", _attendance("/set"), writes=lambda store, args: set_attendance(store, args.body)),
    Call("POST", _bulk("/set"), writes=lambda store, args: bulk_set_attendance(store, args.body)),
    Call("POST", _bulk("/delete"), writes=lambda store, args: bulk_delete_attendances(store, args.body)),
    Call("POST", _attendance("/count"), reads=lambda con, args: count_attendances(con, args.body)),
    Call(
        "POST",
        _attendance("/query"),
        reads=lambda con, args: query_attendance(con, args.body, lasting=True),
    ),
    Call(
        "POST",
        (api_paths.QUERY_EXTENDED_BOOKINGS, "/bookings/bookings-reader/v2/extended-bookings/query"),
        reads=lambda con, args: query_extended_bookings(con, args.body, lasting=True),
    ),
    Call(
        "POST",
        (api_paths.QUERY_SERVICES, "/bookings/v2/services/query"),
        reads=lambda con, args: query_services(con, args.body, lasting=True),
    ),
    Call("POST", (api_paths.QUERY_EVENTS,), reads=lambda con, args: query_events(con, args.body, lasting=True)),
)
