# A package of the distribution noshow.
"""Query the published database: its views, filters and measures.

Open it with `connect()`. Measures take the connection and return a Polars frame; the attendance functions return
objects of the API.

    >>> import queries
    >>> con = queries.connect()  # doctest: +SKIP
    >>> queries.no_show_rates(con, by=["service"])  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from queries.lazy import all_names, lazy_name

if TYPE_CHECKING:
    from queries.answers.calls import calls_effect
    from queries.answers.quarantined import quarantine, quarantine_groups
    from queries.answers.sections import (
        course_sessions,
        empty_seats,
        enrolments,
        missing_registers,
        money,
        money_contradictions,
        occupancy,
        one_click_registers,
        other_definitions,
        repeat_no_shows,
        silent_markers,
    )
    from queries.answers.sessions import filter_in_english, session_frame
    from queries.answers.upcoming import model_card, upcoming_bookings, upcoming_sessions
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
    from queries.lake.engines import OpenLake, open_lake
    from queries.lake.rates import lake_rates
    from queries.language.resources import ATTENDANCE, BOOKED_SESSION
    from queries.listings.attendance import (
        attendance_frame,
        count_attendances,
        get_attendance,
        iter_attendance,
        query_attendance,
    )
    from queries.measures.no_shows import no_show_rates
    from queries.measures.quality import findings, flags, loads, quarantine_by_rule, waterfall
    from queries.model.groupings import GROUPINGS
    from queries.moments import as_of_instant
    from queries.reconciling.answer import Reconciliation
    from queries.reconciling.asking import reconcile

__all__ = [
    "ATTENDANCE",
    "BOOKED_SESSION",
    "DEFAULT_DATABASE",
    "GROUPINGS",
    "AttendanceNotFound",
    "DataRefused",
    "InputNotFound",
    "NoshowError",
    "OpenLake",
    "OutputFailed",
    "QueryError",
    "Reconciliation",
    "RequestRefused",
    "Site",
    "StoreBusy",
    "UsageError",
    "as_of_instant",
    "attendance_frame",
    "calls_effect",
    "connect",
    "count_attendances",
    "course_sessions",
    "database_path",
    "empty_seats",
    "enrolments",
    "filter_in_english",
    "findings",
    "flags",
    "get_attendance",
    "iter_attendance",
    "lake_rates",
    "loads",
    "missing_registers",
    "model_card",
    "money",
    "money_contradictions",
    "no_show_rates",
    "occupancy",
    "one_click_registers",
    "open_lake",
    "other_definitions",
    "quarantine",
    "quarantine_by_rule",
    "quarantine_groups",
    "query_attendance",
    "reconcile",
    "repeat_no_shows",
    "session_frame",
    "silent_markers",
    "site",
    "upcoming_bookings",
    "upcoming_sessions",
    "waterfall",
]

# Imported when first asked for: one attendance, or a page of them, needs no frames, and Polars takes 0.2 s to import.
_HOMES = {
    "attendance_frame": "queries.listings.attendance",
    "count_attendances": "queries.listings.attendance",
    "get_attendance": "queries.listings.attendance",
    "iter_attendance": "queries.listings.attendance",
    "query_attendance": "queries.listings.attendance",
    "DEFAULT_DATABASE": "queries.database",
    "Site": "queries.database",
    "connect": "queries.database",
    "database_path": "queries.database",
    "site": "queries.database",
    "AttendanceNotFound": "queries.errors",
    "DataRefused": "queries.errors",
    "InputNotFound": "queries.errors",
    "NoshowError": "queries.errors",
    "OutputFailed": "queries.errors",
    "QueryError": "queries.errors",
    "RequestRefused": "queries.errors",
    "StoreBusy": "queries.errors",
    "UsageError": "queries.errors",
    "OpenLake": "queries.lake.engines",
    "open_lake": "queries.lake.engines",
    "lake_rates": "queries.lake.rates",
    "ATTENDANCE": "queries.language.resources",
    "BOOKED_SESSION": "queries.language.resources",
    "as_of_instant": "queries.moments",
    "GROUPINGS": "queries.model.groupings",
    "Reconciliation": "queries.reconciling.answer",
    "reconcile": "queries.reconciling.asking",
    "no_show_rates": "queries.measures.no_shows",
    "findings": "queries.measures.quality",
    "flags": "queries.measures.quality",
    "loads": "queries.measures.quality",
    "quarantine_by_rule": "queries.measures.quality",
    "waterfall": "queries.measures.quality",
    "quarantine": "queries.answers.quarantined",
    "quarantine_groups": "queries.answers.quarantined",
    "course_sessions": "queries.answers.sections",
    "empty_seats": "queries.answers.sections",
    "enrolments": "queries.answers.sections",
    "missing_registers": "queries.answers.sections",
    "money": "queries.answers.sections",
    "money_contradictions": "queries.answers.sections",
    "occupancy": "queries.answers.sections",
    "one_click_registers": "queries.answers.sections",
    "other_definitions": "queries.answers.sections",
    "repeat_no_shows": "queries.answers.sections",
    "silent_markers": "queries.answers.sections",
    "filter_in_english": "queries.answers.sessions",
    "session_frame": "queries.answers.sessions",
    "calls_effect": "queries.answers.calls",
    "model_card": "queries.answers.upcoming",
    "upcoming_bookings": "queries.answers.upcoming",
    "upcoming_sessions": "queries.answers.upcoming",
}


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _HOMES, name)


def __dir__() -> list[str]:
    return all_names(__name__, _HOMES)
