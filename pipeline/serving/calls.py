"""Every method of the API that is served: how it is asked for, and the function that answers it.

A path's `{id}` stands for the id of one attendance. The first path is the documented one; the others are in use too,
by the SDK and by older pages of the reference.
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
class Asked:
    """What a request asks: the id in its path, if any, and its body."""

    id: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A method of the API: it either reads a snapshot or writes to the store."""

    method: str
    paths: tuple[str, ...]
    reads: Callable[[duckdb.DuckDBPyConnection, Asked], Wire] | None = None
    writes: Callable[[Store, Asked], Wire] | None = None


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
    Call("GET", _attendance("/{id}"), reads=lambda con, asked: get_attendance(con, asked.id)),
    Call("DELETE", _attendance("/{id}"), writes=lambda store, asked: delete_attendance(store, asked.id)),
    Call("POST", _attendance("/set"), writes=lambda store, asked: set_attendance(store, asked.body)),
    Call("POST", _bulk("/set"), writes=lambda store, asked: bulk_set_attendance(store, asked.body)),
    Call("POST", _bulk("/delete"), writes=lambda store, asked: bulk_delete_attendances(store, asked.body)),
    Call("POST", _attendance("/count"), reads=lambda con, asked: count_attendances(con, asked.body)),
    Call(
        "POST",
        _attendance("/query"),
        reads=lambda con, asked: query_attendance(con, asked.body, lasting=True),
    ),
    Call(
        "POST",
        (api_paths.QUERY_EXTENDED_BOOKINGS, "/bookings/bookings-reader/v2/extended-bookings/query"),
        reads=lambda con, asked: query_extended_bookings(con, asked.body, lasting=True),
    ),
    Call(
        "POST",
        (api_paths.QUERY_SERVICES, "/bookings/v2/services/query"),
        reads=lambda con, asked: query_services(con, asked.body, lasting=True),
    ),
    Call("POST", (api_paths.QUERY_EVENTS,), reads=lambda con, asked: query_events(con, asked.body, lasting=True)),
)
