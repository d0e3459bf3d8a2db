"""The measures beside the rates: registers, courses, occupancy, seats and more.

Every function takes `where`, a filter of booked sessions (`queries.language`), and `as_of`, the moment figures hold for
(aware datetime or ISO text; default now), and raises `UsageError` (`QueryError`) if they make no sense.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from queries.gathered import gathered
from queries.measures.alternatives import alternatives
from queries.measures.clustering import clustering_of_all
from queries.measures.courses import with_standing
from queries.measures.habits import with_days_since
from queries.measures.rates import with_rates

Where = Mapping[str, Any] | None
AsOf = dt.datetime | str | None


def missing_registers(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Sessions that are due with bookings not marked, the oldest first.

    Columns: session_id, service, location, staff (String), local_start (Datetime), bookings, unmarked_bookings (Int64).
    """
    return _measure(con, "registers", where, as_of)


def silent_markers(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Who has marked nobody for how long, over bookings whose source records one side only, the longest first.

    Columns: kept_by (staff, else location, else service), keeper_id, keeper (String); bookings,
    marks_made (Int64); last_mark, the local date of the last session with a mark, last_booking (Date); days_since
    (Int64) from the one to the other, null if there is no mark.
    """
    return with_days_since(_measure(con, "silent_markers", where, as_of))


def one_click_registers(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Staff with every booking marked attended, if that is less likely than 0.1 % at the rate of the others.

    Columns: staff_id, staff (String); sessions, bookings, rest_no_shows, rest_rated_bookings (Int64); chance (Float64)
    of no no-show among so many bookings at the rate of all others together.
    """
    return _measure(con, "one_click_registers", where, as_of)


def course_sessions(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """The drop-off of courses: counts and rates by session_number (Int64, from 1), over all courses that pass."""
    with gathered(con, where, as_of) as found:
        return with_rates(found.measure("course_numbers").drop("part"), clustering_of_all(found.clusters()))


def enrolments(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Course bookings, one a row, with the share attended so far and the best still possible.

    Columns: booking_id, service, location, participant_id, participant_name (String); attended_bookings, no_shows,
    unmarked_bookings, not_due (Int64); attended_so_far, best_still_possible (Float64), missed_majority (Boolean).
    """
    return with_standing(_measure(con, "enrolments", where, as_of))


def repeat_no_shows(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Contacts with two or more no-shows within any one year, the most first.

    Columns: participant_id, participant_name (String), no_shows_in_a_year, no_shows, rated_bookings, bookings (Int64),
    last_no_show (Date).
    """
    return _measure(con, "repeat_no_shows", where, as_of)


def occupancy(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """The occupancy of sessions with a capacity, including those that nobody booked, by service and capacity.

    Columns: service_id, service, service_type (String); capacity, sessions, empty_sessions, full_sessions, seats,
    booked, seats_marked, came_within, attended_bookings, no_shows (Int64); rated_sessions, booked_rated, absent,
    booked_rated_squared (Int64) and absent_squared_share (Float64), sums over sessions with n rated participants, k of
    them absent: 1, n, k, n² and k² / n; fill_rate = booked / seats and
    attendance_fill_rate = came_within / seats_marked (Float64), the latter over fully marked sessions, with walk-ins
    as far as there are seats; null if there are none.
    """
    frame = _measure(con, "occupancy", where, as_of)
    booked, came = pl.col("booked") / pl.col("seats"), pl.col("came_within") / pl.col("seats_marked")
    return frame.with_columns(
        fill_rate=pl.when(pl.col("seats") > 0).then(booked),
        attendance_fill_rate=pl.when(pl.col("seats_marked") > 0).then(came),
    )


def empty_seats(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Empty seats at list price, by service and currency (empty if no price is known).

    Columns: service_id, service, currency (String); absent, absent_priced, unmarked_seats (Int64); value_absent, and
    value_unmarked, which comes on top if none of the unmarked came (Decimal, null if no price is known).
    """
    return _measure(con, "empty_seats", where, as_of)


def money(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """The money of bookings that were missed or cancelled late, by currency and figure (`queries/money.md`).

    Columns: currency (String, "" if it is not known), figure (String, one of `MONEY_FIGURES`), amount (Decimal, null if
    nothing of it is known), bookings, missing (Int64), sources (String). Sums are exact; no currency is converted.
    """
    return _measure(con, "money", where, as_of)


def money_contradictions(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """Bookings whose money contradicts their outcome, one row for each contradiction (`queries/money.md`).

    Columns: booking_id, kind (one of `MONEY_CONTRADICTIONS`), why, service (String), local_start (Datetime), amount
    (Decimal) and currency (String) of the fee, null if there is none.
    """
    return _measure(con, "money_contradictions", where, as_of)


def other_definitions(con: duckdb.DuckDBPyConnection, where: Where = None, as_of: AsOf = None) -> pl.DataFrame:
    """The no-show rate under the definitions that others use: definition, meaning, numerator, denominator, rate."""
    with gathered(con, where, as_of) as found:
        counts = found.counts().drop("part")
    return alternatives(counts if counts.height else counts.clear(1).with_columns(pl.col(pl.Int64).fill_null(0)))


def _measure(con: duckdb.DuckDBPyConnection, name: str, where: Where, as_of: AsOf) -> pl.DataFrame:
    with gathered(con, where, as_of) as found:
        return found.measure(name).drop("part")
