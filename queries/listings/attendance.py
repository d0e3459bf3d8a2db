"""Attendance in the API's wire shape, or as a frame.

>>> import queries
>>> con = queries.connect()  # doctest: +SKIP
>>> queries.query_attendance(con, {"query": {"filter": {"status": "NOT_ATTENDED"}}})  # doctest: +SKIP
{"attendances": [...], "pagingMetadata": {"cursors": {"next": "..."}, "hasNext": True}}
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import duckdb

from queries.answers.pages import fetch_rows, iter_rows, look_up, query_page
from queries.database import frame_of
from queries.errors import AttendanceNotFound, QueryError
from queries.language.cursor import Origin
from queries.language.filters import read_filter
from queries.language.limits import MAX_LIST_VALUES
from queries.language.requests import Request, only, read_body
from queries.language.resources import ATTENDANCE
from queries.language.sorting import read_sort
from queries.language.values import read_text, read_value
from queries.listings.resources import declared_attendance
from queries.listings.shapes import attendance_of
from queries.statements import page_sql

if TYPE_CHECKING:
    import polars as pl

    from queries.wire import Attendance, AttendanceResponse, CountResponse, QueryAttendanceResponse

_ID, _STATUS = ATTENDANCE.names["id"], ATTENDANCE.names["status"]


def get_attendance(con: duckdb.DuckDBPyConnection, attendance_id: str) -> AttendanceResponse:
    """One attendance by its id: {"attendance": {...}}. Raises `AttendanceNotFound`, or `QueryError` for no GUID."""
    wanted = read_value(_ID, attendance_id, "/attendanceId")
    text, parameters = page_sql("attendance", ATTENDANCE.columns, read_filter(ATTENDANCE, {"id": wanted}), (), None, 1)
    # No time limit: watching the time adds a third to a look-up, and no request can make it slow.
    rows = look_up(con, text, parameters)
    if not rows:
        raise AttendanceNotFound(attendance_id)
    return {"attendance": attendance_of(rows[0])}


def get_attendances(con: duckdb.DuckDBPyConnection, ids: Collection[str]) -> dict[str, AttendanceResponse]:
    """Several attendances by their ids, of those that exist: {id: {"attendance": {...}}}. Ids are lower-case GUIDs."""
    if not ids:
        return {}
    wanted = read_filter(ATTENDANCE, {"id": {"$in": list(ids)}})
    text, parameters = page_sql("attendance", ATTENDANCE.columns, wanted, (), None, len(ids))
    found = map(attendance_of, look_up(con, text, parameters))
    return {attendance["id"]: {"attendance": attendance} for attendance in found}


def query_attendance(
    con: duckdb.DuckDBPyConnection, request: Request = None, *, origin: Origin | None = None, strict: bool = False
) -> QueryAttendanceResponse:
    """A page of attendance: {"attendances": [...], "pagingMetadata": {"cursors": {"next"?, "prev"?}, "hasNext"}}.

    `request` is the wire body ({"query": {...}}), the bare query, or either as JSON text: filter, sort and
    cursorPaging of the API's query language; by default 50 by id. A cursor expires when the data change
    (CURSOR_EXPIRED), unless they have a lasting `origin`. With `strict` requests are taken only as the API declares
    them. Raises `QueryError`.
    """
    rows, paging = query_page(con, declared_attendance() if strict else ATTENDANCE, request, origin)
    return {"attendances": [attendance_of(row) for row in rows], "pagingMetadata": paging}


def count_attendances(con: duckdb.DuckDBPyConnection, request: Request = None) -> CountResponse:
    """The number of attendances: {"count": n}.

    `request` is {"filter"?: {"status"?, "serviceId"?: an id or a list of ids}}. The API's count has a filter of its
    own, which is not the query language. Raises `QueryError`.
    """
    body = read_body(request)
    only(body, ("filter",), "")
    filter = body.get("filter") or {}
    if not isinstance(filter, Mapping):
        raise QueryError("INVALID_TYPE", "/filter", "an object is expected", 'Like {"status": "ATTENDED"}')
    only(filter, ("status", "serviceId"), "/filter")
    parameters: dict[str, Any] = {"status": None, "services": None}
    if filter.get("status") is not None:
        parameters["status"] = read_value(_STATUS, filter["status"], "/filter/status")
    if filter.get("serviceId") is not None:
        parameters["services"] = _service_ids(filter["serviceId"])
    return {"count": fetch_rows(con, _COUNT, parameters)[0]["attendances"]}


def attendance_frame(
    con: duckdb.DuckDBPyConnection, filter: Any = None, sort: Any = None, limit: int | None = None
) -> pl.DataFrame:
    """Attendance as a frame: id, booking_id, event_id, session_id, status (String), number_of_attendees (Int64).

    `filter` and `sort` are those of the query language; all rows unless `limit` is given. Raises `QueryError`.
    """
    keys = read_sort(ATTENDANCE, sort, "/sort")
    columns = ", ".join(f"p.{field.column}" for field in ATTENDANCE.fields)
    text, parameters = page_sql("attendance", columns, read_filter(ATTENDANCE, filter, "/filter"), keys, None, limit)
    return frame_of(con, text, parameters)


def iter_attendance(con: duckdb.DuckDBPyConnection, filter: Any = None, sort: Any = None) -> Iterator[Attendance]:
    """Every attendance that a filter keeps, in order, in the wire shape, fetched page by page."""
    yield from map(attendance_of, iter_rows(con, ATTENDANCE, filter, sort))


def _service_ids(value: Any) -> list[str]:
    ids = value if isinstance(value, list) else [value]
    if not ids:
        raise QueryError("EMPTY_ARRAY", "/filter/serviceId", "an empty list", "Give at least one id, or leave it out")
    if len(ids) > MAX_LIST_VALUES:
        raise QueryError("TOO_MANY_VALUES", "/filter/serviceId", f"{len(ids):,} ids", f"At most {MAX_LIST_VALUES:,}")
    return [read_text(one, f"/filter/serviceId/{index}").lower() for index, one in enumerate(ids)]


_COUNT = """
select count(*) as attendances
from attendance as a
left join booking as b on b.id = a.booking_id
where ($status::varchar is null or a.status = $status)
    and ($services::varchar[] is null or b.service_id::varchar in (select unnest($services::varchar[])))
"""
