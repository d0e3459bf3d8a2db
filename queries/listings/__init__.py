"""Pages of extended bookings, services and calendar events, for requests in the API's wire shapes.

They hold only the fields that noshow stores: no e-mail, phone or form, since those are never stored.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import duckdb

from queries.answers.pages import Row, fetch_rows, origin_of, query_page
from queries.errors import QueryError, RecordNotFound
from queries.language.cursor import Origin
from queries.language.filters import read_filter
from queries.language.limits import LARGEST_NUMBER
from queries.language.requests import Query, Request, only, read_body, read_query
from queries.language.resources import Resource
from queries.language.values import read_text
from queries.listings.encoding import Wire, object_of
from queries.listings.money import BESIDE, money_beside
from queries.listings.resources import events, extended_bookings, services
from queries.listings.shapes import booking_of, event_of, mark_of, service_of
from queries.packaged import packaged_sql
from queries.statements import page_sql

if TYPE_CHECKING:
    from queries.wire import (
        BookingAttendance,
        CountResponse,
        ExtendedBooking,
        QueryExtendedBookingsResponse,
    )

# Keys that a body may have beside the query. Marks and money are stored, so asking for anything else has no effect.
_MARKS = "withBookingAttendanceInfo"
_BESIDE_BOOKINGS = (
    _MARKS,
    "withBookingAllowedActions",
    "withBookingConferencingDetails",
    *BESIDE,
)
_BESIDE_EVENTS = ("fromLocalDate", "toLocalDate", "timeZone", "recurrenceType", "fields")
# Key of the body -> the field that it bounds, and how.
_LOCAL_DATES = {"fromLocalDate": ("end.localDate", "$gt"), "toLocalDate": ("start.localDate", "$lt")}


def query_extended_bookings(
    con: duckdb.DuckDBPyConnection, request: Request = None, *, origin: Origin | None = None
) -> QueryExtendedBookingsResponse:
    """A page {"extendedBookings": [{"booking", "attendance"?, …}], "pagingMetadata"}: 50 by id, at most 100.

    With `withBookingAttendanceInfo` beside the query, bookings of a slot come with {id, status, numberOfAttendees};
    with the keys of `listings.money.BESIDE`, with their order, policy settings and fee details.
    Raises `QueryError`. With a lasting `origin` cursors go on over changed data.
    """
    body = read_body(request)
    for name in _BESIDE_BOOKINGS:
        if not isinstance(body.get(name), bool | None):
            raise QueryError("INVALID_TYPE", f"/{name}", "true or false is expected")
    rows, paging = query_page(con, extended_bookings(), _without(body, _BESIDE_BOOKINGS), origin)
    marks = _marks(con, rows) if body.get(_MARKS) is True else {}
    money = money_beside(con, rows, [key for name, key in BESIDE.items() if body.get(name) is True])
    listed = [_extended(row, marks, money) for row in rows]
    return {"extendedBookings": listed, "pagingMetadata": paging}


def _extended(
    row: Row, marks: Mapping[str, BookingAttendance], money: Mapping[str, list[tuple[str, Wire | None]]]
) -> ExtendedBooking:
    id = str(row["id"])
    whole = object_of([("booking", booking_of(row)), ("attendance", marks.get(id)), *money.get(id, ())])
    return cast("ExtendedBooking", whole)


def count_extended_bookings(con: duckdb.DuckDBPyConnection, request: Request = None) -> CountResponse:
    """The number of bookings that {"filter"?} keeps: {"count": n}. Raises `QueryError`."""
    return _count(con, extended_bookings(), request)


def get_service(con: duckdb.DuckDBPyConnection, service_id: str) -> Wire:
    """One service by its id: {"service": {...}}. Raises `RecordNotFound`, or `QueryError` for no GUID."""
    node = read_filter(services(), {"id": service_id})
    rows = fetch_rows(con, *page_sql(services().relation, services().columns, node, (), None, 1))
    if not rows:
        raise RecordNotFound("SERVICE_NOT_FOUND", f"no service has the id {service_id!a}", "Check the id")
    return {"service": service_of(rows[0])}


def count_services(con: duckdb.DuckDBPyConnection, request: Request = None) -> CountResponse:
    """The number of services that {"filter"?} keeps: {"count": n}. Raises `QueryError`."""
    return _count(con, services(), request)


def query_services(con: duckdb.DuckDBPyConnection, request: Request = None, *, origin: Origin | None = None) -> Wire:
    """A page {"services": [...], "pagingMetadata"}: 50 by id, at most 100.

    The SDK asks for services by `paging` with an `offset`; then pagingMetadata has {"count", "offset", "total"}.
    Raises `QueryError`.
    """
    body = read_body(request)
    query = body.get("query")
    paging = query.get("paging") if isinstance(query, Mapping) else None
    metadata: Mapping[str, Any]
    if not isinstance(query, Mapping) or not isinstance(paging, Mapping) or paging.get("offset") is None:
        rows, metadata = query_page(con, services(), body, origin)
    else:
        limit = {name: value for name, value in paging.items() if name != "offset"}
        asked = {**body, "query": {**query, "paging": limit}}
        rows, metadata = _services_from(con, read_query(services(), asked, origin_of(con)), paging["offset"])
    return {"services": [service_of(row) for row in rows], "pagingMetadata": metadata}


def query_events(con: duckdb.DuckDBPyConnection, request: Request = None, *, origin: Origin | None = None) -> Wire:
    """A page {"events": [...], "pagingMetadata"}: 50 by start, at most 100.

    `fromLocalDate` and `toLocalDate` beside the query (ISO, no zone) keep events that end after the one and start
    before the other, each in its own zone. Raises `QueryError`.
    """
    body = read_body(request)
    asked = _without(body, _BESIDE_EVENTS)
    rows, paging = query_page(con, events(), _within(body, asked), origin)
    return {"events": [event_of(row) for row in rows], "pagingMetadata": paging}


def _services_from(con: duckdb.DuckDBPyConnection, query: Query, offset: Any) -> tuple[list[Row], Wire]:
    """The services from an offset on, and the paging metadata. A business has few services, so all of them are read."""
    if isinstance(offset, bool) or not isinstance(offset, int) or not 0 <= offset <= LARGEST_NUMBER:
        raise QueryError("OUT_OF_RANGE", "/query/paging/offset", "not a number of services to skip", "0 or more")
    rows = fetch_rows(con, *page_sql(services().relation, services().columns, query.filter, query.sort, None, None))
    page = rows[offset : offset + query.limit]
    return page, {"count": len(page), "offset": offset, "total": len(rows)}


def _count(con: duckdb.DuckDBPyConnection, resource: Resource, request: Request) -> CountResponse:
    body = read_body(request)
    only(body, ("filter",), "")
    node = read_filter(resource, body.get("filter"), "/filter")
    return {"count": fetch_rows(con, *page_sql(resource.relation, "count(*) as n", node, (), None, None))[0]["n"]}


def _marks(con: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> dict[str, BookingAttendance]:
    """The attendance of the session that each booking of a slot is in now, by booking id."""
    slots = {str(row["id"]): row for row in rows if row["booked_entity"] == "slot"}
    found = fetch_rows(con, packaged_sql("queries", "listings", "marks"), {"ids": list(slots)})
    fits = [(_fit(slots[mark["booking_id"]], mark), mark) for mark in found]
    # The last of a booking's marks wins below. The sort is stable, so of those that fit alike the latest stays last.
    fits.sort(key=lambda fit: fit[0])
    return {mark["booking_id"]: mark_of(mark) for fit, mark in fits if fit}


def _fit(booking: Row, mark: Row) -> int:
    """2 if the attendance names the booking's session by the same id, 1 if by another of its ids, else 0."""
    if mark["session_key"] == booking["session_key"]:
        return 2
    is_named = mark["session_key"] in (booking["event_id"], f"booking:{booking['id']}")
    return int(is_named or (mark["session_id"] is not None and mark["session_id"] == booking["session_id"]))


def _without(body: Mapping[str, Any], beside: Sequence[str]) -> Wire:
    return {name: value for name, value in body.items() if name not in beside}


def _within(body: Mapping[str, Any], asked: Wire) -> Wire:
    """The query with the local dates beside it added to its filter; later pages have them in their cursor."""
    query = asked.get("query") or {}
    bounds = [
        {field: {operator: _local(body[name], f"/{name}")}}
        for name, (field, operator) in _LOCAL_DATES.items()
        if body.get(name) is not None
    ]
    if not bounds or not isinstance(query, Mapping) or _has_cursor(query):
        return asked
    own = [query["filter"]] if query.get("filter") else []
    return {**asked, "query": {**query, "filter": {"$and": [*own, *bounds]}}}


def _has_cursor(query: Mapping[str, Any]) -> bool:
    pagings = (query.get(name) for name in ("cursorPaging", "paging"))
    return any(isinstance(paging, Mapping) and paging.get("cursor") is not None for paging in pagings)


def _local(value: Any, path: str) -> dt.datetime:
    """A local date and time, labelled UTC since the language has only instants: the columns compared are local too."""
    try:
        moment = dt.datetime.fromisoformat(read_text(value, path))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo:
        raise QueryError("INVALID_VALUE", path, "not a local date and time", 'Like "2026-03-01T00:00:00"')
    return moment.replace(tzinfo=dt.UTC)
