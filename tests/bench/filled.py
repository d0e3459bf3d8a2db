"""Make NDJSON files and databases with given numbers of records, the same ones each time."""

from __future__ import annotations

from pathlib import Path

import duckdb

import pipeline
from pipeline.store.content_state import tracked

# id, booking and session of attendance i, made from the number alone.
_ATTENDANCES = """
select
    md5('a' || i)::uuid as id, md5('b' || i)::uuid as {booking},
    'event-' || lpad((i // 12)::varchar, 30, '0') as {event},
    case when hash(i) % 7 = 0 then 'NOT_ATTENDED' else 'ATTENDED' end as status, 1 + i % 3 // 2 as {number},
    timestamp '2026-01-01' + to_seconds(i % 10000000 + $later) as {updated}
from range($first::bigint, $last::bigint) as t(i)
"""
_WIRE = {"booking": '"bookingId"', "event": '"eventId"', "number": '"numberOfAttendees"', "updated": "updated"}
_TABLE = {"booking": "booking_id", "event": "event_id", "number": "number_of_attendees", "updated": "updated_at"}

_INSTANT = "%Y-%m-%dT%H:%M:%S.%gZ"
# Twelve bookings a session, nine of ten marked, 200 locations.
_SESSIONS = """
insert into session by name
select
    'event-' || lpad(i::varchar, 30, '0') as id, md5('s' || i % 20)::uuid as service_id, 'Service ' || i % 20
    as service_name, timestamp '2025-06-01 06:00:00' + to_hours((i * 7919) % 8760) as starts_at,
    starts_at + interval 1 hour as ends_at, 'Europe/Dublin' as time_zone, 'loc-' || i % 200 as location_id,
    'Location ' || i % 200 as location_name, 'staff-' || i % 300 as staff_id, 'Staff ' || i % 300 as staff_name,
    12 as capacity, 'CONFIRMED' as status, 0 as load_id
from range($sessions::bigint) as t(i)
"""
_BOOKINGS = """
insert into booking by name
select
    md5('b' || i)::uuid as id, 'CONFIRMED' as status, 'slot' as booked_entity, md5('s' || (i // 12) % 20)::uuid
    as service_id, 'CLASS' as service_type, 'event-' || lpad((i // 12)::varchar, 30, '0') as event_id,
    event_id as session_key, 1 as participants, md5('c' || i % ($bookings // 20 + 1))::uuid as contact_id,
    'Pat ' || i % ($bookings // 20 + 1) as contact_name,
    timestamp '2025-06-01 06:00:00' + to_hours(((i // 12) * 7919) % 8760) - to_hours(i % 700) as created_at,
    0 as load_id
from range($bookings::bigint) as t(i)
order by id
"""
_MARKS = """
insert into attendance by name
select id, booking_id, event_id, event_id as session_key, status, number_of_attendees, updated_at, 0 as load_id
from ({attendances}) where hash(id) % 10 <> 0 order by id
"""
# Each booking `$times` times, in as many sessions.
_TIMES = """
create table many as select * replace (md5(booking_id::varchar || k)::uuid as booking_id, session_id || k as session_id)
from range($times::bigint) as t(k), known_roster
"""


def write_attendances(file: Path, first: int, last: int, later: int = 0) -> None:
    """Write the attendances of those numbers as NDJSON, updated `later` seconds after those written without."""
    columns = f"* exclude (updated), strftime(updated, '{_INSTANT}') as \"updatedDate\""
    text = f"copy (select {columns} from ({_ATTENDANCES.format(**_WIRE)})) to '{file}' (format json)"
    for name, value in {"$first": first, "$last": last, "$later": later}.items():
        text = text.replace(name, str(value))
    with duckdb.connect() as con:
        con.execute(text)


def fill(db: Path, bookings: int, *, booked: bool = True, memory_limit: str | None = None) -> None:
    """Publish a database with that many marked bookings and their sessions, or with attendance alone."""
    settings = pipeline.Settings.model_validate({"memory_limit": memory_limit} if memory_limit else {})
    with pipeline.open_store(db, settings=settings) as store:
        values = {"bookings": bookings, "sessions": bookings // 12 + 1}
        marks = _MARKS.format(attendances=_ATTENDANCES.format(**_TABLE))
        statements = {"session": _SESSIONS, "booking": _BOOKINGS} if booked else {}
        for table, statement in (statements | {"attendance": marks}).items():
            named = {"first": 0, "last": bookings, "later": 0} if table == "attendance" else values
            used = {name: value for name, value in named.items() if f"${name}" in statement}
            with store.transaction(), tracked(store.connection, table):
                store.connection.execute(statement, used)
        store.has_loaded = True


def multiply_roster(db: Path, times: int) -> None:
    """Multiply the stored roster of a snapshot, since loading so many bookings would take hours."""
    with duckdb.connect(str(db), config={"storage_compatibility_version": "v1.5.0"}) as con:
        con.execute("set preserve_insertion_order = false")
        con.execute(_TIMES, {"times": times})
        con.execute("drop table known_roster")
        con.execute("alter table many rename to known_roster")
