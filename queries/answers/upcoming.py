"""The days ahead: bookings of sessions that have not begun, and how many of them are expected to be missed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import duckdb
import polars as pl

from queries.answers.sections import occupancy
from queries.database import frame_of
from queries.errors import UsageError
from queries.language.filters import read_filter
from queries.language.resources import BOOKED_SESSION
from queries.measures.seats import ClassSeats, seats_of_classes
from queries.model.groupings import GROUPINGS
from queries.model.risk import UPCOMING
from queries.moments import as_of_instant, days_after, naive_utc
from queries.statements import Parameters, measure_sql, rows_ahead_sql, sums_ahead_sql

_GROUPINGS = ("session", "service", "staff", "location")


def upcoming_sessions(
    con: duckdb.DuckDBPyConnection,
    by: str | None = "session",
    days: float | None = None,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
    risk: float = 0.05,
) -> pl.DataFrame:
    """How many no-shows to expect of sessions that have not begun, each or by service, staff or location.

    `by` is `session`, `service`, `staff` or `location`; None for one row over all. `days` are the days of 24 hours from
    `as_of` in which the sessions start; without it all. `where` filters booked sessions (`queries.language`), `as_of`
    is the moment figures hold for. `risk` is the accepted chance that more come than a class holds.

    Columns: of a session session_id, service_id, service, service_type, location, staff (String), starts_at (UTC),
    local_start (Datetime), else the group columns; sessions, bookings, booked and seats (capacity, null if unknown),
    waiting (Int64); expected_no_shows (Float64), no_shows_low, no_shows_high (Int64), its 95 % interval, see
    `queries/upcoming.md`; of a session also seats_to_offer (Int64) beyond the capacity, null unless it is a class that
    is often full and has enough history. Raises `UsageError` for arguments that make no sense.
    """
    if not isinstance(risk, int | float) or not 0 < risk < 1:
        raise UsageError("upcoming.risk", f"no accepted risk of {risk!r}", "Give a share above 0 and below 1")
    if by is not None and by not in _GROUPINGS:
        raise UsageError("grouping.unknown", f"no days ahead by {by!r}", f"Name one of {', '.join(_GROUPINGS)}")
    grouping = GROUPINGS[by] if by else None
    parameters: Parameters = {}
    rows, waiting = (_rows(each, where, days, as_of, parameters) for each in ("bookings_ahead_at", "waiting_at"))
    frame = frame_of(con, sums_ahead_sql(grouping, rows, waiting), parameters)
    if by != "session":
        return frame
    classes = seats_of_classes(occupancy(con, as_of=as_of).to_dicts(), risk) if frame.height else []
    return with_seats_to_offer(frame, classes)


def with_seats_to_offer(sessions: pl.DataFrame, classes: list[ClassSeats]) -> pl.DataFrame:
    """Add `seats_to_offer` (Int64) to sessions with `service_id` and `seats`: those of their class, if any."""
    offered = [
        {"service_id": each.row["service_id"], "seats": each.row["capacity"], "seats_to_offer": each.offered.seats}
        for each in classes
        if each.offered
    ]
    schema = {"service_id": pl.String, "seats": pl.Int64, "seats_to_offer": pl.Int64}
    return sessions.join(pl.DataFrame(offered, schema=schema), on=["service_id", "seats"], how="left")


def upcoming_bookings(
    con: duckdb.DuckDBPyConnection,
    days: float | None = None,
    where: Mapping[str, Any] | None = None,
    as_of: dt.datetime | str | None = None,
) -> pl.DataFrame:
    """Bookings of sessions that have not begun, in the order of their starts; arguments as for `upcoming_sessions`.

    Columns: those of the view `upcoming_bookings`: booking_id, session_id, service_id, service, service_type,
    location_id, location, staff_id, staff (String), starts_at (UTC), local_start (Datetime), participant_id,
    participant_name (String), booked, weight (Int64), lead_time (String), earlier_bookings, earlier_no_shows (Int64);
    group_rate (Float64), the rate of the same service and lead time; risk (Float64) and risk_band (String) by the
    model, null unless it is licensed; no_show_chance (Float64), the one that counts; is_licensed (Boolean).
    """
    parameters: Parameters = {}
    rows = _rows("bookings_ahead_at", where, days, as_of, parameters)
    return frame_of(
        con, f"select {', '.join(UPCOMING)} from ({rows}) order by starts_at, session_id, booking_id", parameters
    )


def _rows(
    relation: str,
    where: Mapping[str, Any] | None,
    days: float | None,
    as_of: dt.datetime | str | None,
    parameters: Parameters,
) -> str:
    moment = naive_utc(as_of_instant(as_of))
    parameters["as_of"] = moment
    until = None if days is None else days_after(moment, days)
    return rows_ahead_sql(relation, read_filter(BOOKED_SESSION, where), until, parameters)


def model_card(con: duckdb.DuckDBPyConnection, as_of: dt.datetime | str | None = None) -> dict[str, Any] | None:
    """The card of the model that was trained last, as `noshow model show --format json` prints it.

    None if there is none, or if it was trained on records after `as_of`: no risk of that moment comes from it.
    """
    rows = con.execute(measure_sql("model"), {"as_of": naive_utc(as_of_instant(as_of))}).fetchall()
    card: dict[str, Any] | None = json.loads(rows[0][0]) if rows else None
    return card
