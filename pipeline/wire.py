"""The API's wire: every call's method, paths, keys and bounds, for whoever asks and whoever answers.

A path's `{id}` stands for the id of one object. Paths are those of the API's public reference and those its SDK uses.
"""

from __future__ import annotations

from dataclasses import dataclass

AUTHORIZATION = "Authorization"
SITE_ID = "wix-site-id"


@dataclass(frozen=True, slots=True)
class Call:
    """One method of the API.

    `paths`: the documented one first, then the aliases that are in use. `request`: the key of the body that says what
    is asked for, "" where there is no body. `answer`: the key of what comes back, "" where nothing does. `limit`: the
    most objects that one call gives or takes.
    """

    method: str
    paths: tuple[str, ...]
    request: str = ""
    answer: str = ""
    limit: int = 1

    @property
    def path(self) -> str:
        """The documented path."""
        return self.paths[0]


def _attendance(end: str) -> tuple[str, ...]:
    return tuple(base + end for base in ("/bookings/v2/attendance", "/bookings/bookings-attendance"))


def _bulk(end: str) -> tuple[str, ...]:
    return tuple(base + end for base in ("/bookings/v2/bulk/attendance", "/bookings/bookings-attendance/bulk"))


GET_ATTENDANCE = Call("GET", _attendance("/{id}"), answer="attendance")
SET_ATTENDANCE = Call("POST", _attendance("/set"), "attendance", "attendance")
BULK_SET_ATTENDANCE = Call("POST", _bulk("/set"), "attendanceDetails", "results", 8)
QUERY_ATTENDANCE = Call("POST", _attendance("/query"), "query", "attendances", 1_000)
COUNT_ATTENDANCES = Call("POST", _attendance("/count"), "filter", "count")
DELETE_ATTENDANCE = Call("DELETE", _attendance("/{id}"))
BULK_DELETE_ATTENDANCES = Call("POST", _bulk("/delete"), "attendanceIds", "results", 8)

# With `withBookingAttendanceInfo: true` beside the query, each comes with its attendance.
QUERY_EXTENDED_BOOKINGS = Call(
    "POST",
    (
        "/_api/bookings-reader/v2/extended-bookings/query",
        "/bookings/bookings-reader/v2/extended-bookings/query",
        "/bookings/v2/extended-bookings/query",
    ),
    "query",
    "extendedBookings",
    100,
)
QUERY_SERVICES = Call(
    "POST", ("/bookings/v2/services/query", "/_api/bookings/v2/services/query"), "query", "services", 100
)
QUERY_EVENTS = Call("POST", ("/calendar/v3/events/query",), "query", "events", 100)
