"""The light base of noshow: the published database, its views, filters and measures.

Open it with `connect()`; every function takes the connection and gives a Polars frame.

    >>> import queries
    >>> con = queries.connect()  # doctest: +SKIP
    >>> queries.no_show_rates(con, by=["service"])  # doctest: +SKIP
"""

from queries.attendance import (
    attendance_frame,
    count_attendances,
    get_attendance,
    iter_attendance,
    query_attendance,
)
from queries.database import DEFAULT_DATABASE, Site, connect, database_path, site
from queries.errors import (
    AttendanceNotFound,
    DataRefused,
    InputNotFound,
    NoshowError,
    OutputFailed,
    QueryError,
    RequestRefused,
    StoreBusy,
    UsageError,
)
from queries.language.resources import ATTENDANCE, BOOKED_SESSION
from queries.measures.counts import as_of_instant
from queries.measures.groupings import GROUPINGS
from queries.measures.no_shows import no_show_rates
from queries.measures.quality import flags, loads, quarantine_by_rule, waterfall
from queries.quarantined import quarantine
from queries.sections import (
    course_sessions,
    empty_seats,
    enrolments,
    missing_registers,
    occupancy,
    other_definitions,
    repeat_no_shows,
)
from queries.sessions import filter_in_english, session_frame

__all__ = [
    "ATTENDANCE",
    "BOOKED_SESSION",
    "DEFAULT_DATABASE",
    "GROUPINGS",
    "AttendanceNotFound",
    "DataRefused",
    "InputNotFound",
    "NoshowError",
    "OutputFailed",
    "QueryError",
    "RequestRefused",
    "Site",
    "StoreBusy",
    "UsageError",
    "as_of_instant",
    "attendance_frame",
    "connect",
    "count_attendances",
    "course_sessions",
    "database_path",
    "empty_seats",
    "enrolments",
    "filter_in_english",
    "flags",
    "get_attendance",
    "iter_attendance",
    "loads",
    "missing_registers",
    "no_show_rates",
    "occupancy",
    "other_definitions",
    "quarantine",
    "quarantine_by_rule",
    "query_attendance",
    "repeat_no_shows",
    "session_frame",
    "site",
    "waterfall",
]
