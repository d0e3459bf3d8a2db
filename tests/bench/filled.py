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
# Bookings and sessions as the API writes them, with the fields that a studio uses.
_BOOKING_RECORDS = f"""
select
    md5('b' || i)::uuid as id,
    {{
        'slot': {{
            'eventId': 'event-' || lpad((i // 12)::varchar, 30, '0'), 'scheduleId': md5('p' || i % 40)::uuid,
            'serviceId': md5('s' || i % 20)::uuid, 'timezone': 'Europe/Dublin',
            'location': {{'id': md5('l' || i % 200)::uuid, 'name': 'Location ' || i % 200}},
            'resource': {{'id': md5('r' || i % 300)::uuid, 'name': 'Staff ' || i % 300}},
            'startDate': strftime(starts_at, '{_INSTANT}'),
            'endDate': strftime(starts_at + interval 1 hour, '{_INSTANT}')
        }},
        'title': 'Service ' || i % 20, 'tags': ['GROUP'],
        'rate': {{'labeledPriceOptions': {{'general': {{'amount': '12.50', 'currency': 'EUR'}}}}}}
    }} as "bookedEntity",
    {{
        'contactId': md5('c' || i % 9973)::uuid, 'firstName': 'Pat', 'lastName': 'Doe ' || i % 9973,
        'email': 'pat.' || i % 9973 || '@example.com', 'phone': '555' || lpad((i % 9973)::varchar, 7, '0')
    }} as "contactDetails",
    1 as "totalParticipants", case when i % 9 = 0 then 'CANCELED' else 'CONFIRMED' end as status,
    'PAID' as "paymentStatus", strftime(starts_at - to_hours(i % 700), '{_INSTANT}') as "createdDate",
    strftime(starts_at - to_hours(i % 700), '{_INSTANT}') as "updatedDate",
    strftime(starts_at, '{_INSTANT}') as "startDate", strftime(starts_at + interval 1 hour, '{_INSTANT}') as "endDate",
    '1' as revision
from (
    select i, timestamp '2025-06-01 06:00:00' + to_hours(((i // 12) * 7919) % 8760) as starts_at
    from range($last::bigint) as t(i)
)
"""
_EXTENDED_RECORDS = f"""
select b as booking, {{'id': md5('a' || id)::uuid, 'status': 'ATTENDED', 'numberOfAttendees': 1}} as attendance
from ({_BOOKING_RECORDS}) as b
"""
_SESSION_RECORDS = f"""
select
    'event-' || lpad(i::varchar, 30, '0') as id, md5('p' || i % 40)::uuid as "scheduleId",
    md5('s' || i % 20)::uuid as "serviceId", 'Service ' || i % 20 as title, 'CLASS' as type, 'CONFIRMED' as status,
    {{
        'localDate': strftime(starts_at, '%Y-%m-%dT%H:%M:%S'), 'timeZone': 'Europe/Dublin',
        'utcDate': strftime(starts_at, '{_INSTANT}')
    }} as start,
    {{
        'localDate': strftime(starts_at + interval 1 hour, '%Y-%m-%dT%H:%M:%S'), 'timeZone': 'Europe/Dublin',
        'utcDate': strftime(starts_at + interval 1 hour, '{_INSTANT}')
    }} as "end",
    12 as "totalCapacity", 3 as "remainingCapacity",
    {{'id': md5('l' || i % 200)::uuid, 'name': 'Location ' || i % 200}} as location,
    [{{'id': md5('r' || i % 300)::uuid, 'name': 'Staff ' || i % 300, 'type': 'staff'}}] as resources,
    '1' as revision, strftime(starts_at - interval 40 day, '{_INSTANT}') as "updatedDate"
from (select i, timestamp '2025-06-01 06:00:00' + to_hours((i * 7919) % 8760) as starts_at from range($last) as t(i))
"""
# In the shape of the medical appointments (data/README.md): days as midnight in UTC, no time, 81 places.
_VISITS = """
select
    29872499824296 + hash(i) % 62299 * 7 as "PatientId", 5030230 + i * 7 as "AppointmentID",
    case when hash(i) % 3 = 0 then 'M' else 'F' end as "Gender",
    strftime(day - to_days((hash(i) % 40)::int) + to_seconds(25200 + i % 46800), '%Y-%m-%dT%H:%M:%SZ')
    as "ScheduledDay",
    strftime(day, '%Y-%m-%dT00:00:00Z') as "AppointmentDay", i % 99 as "Age",
    'BAIRRO ' || hash(i, 1) % 81 as "Neighbourhood", hash(i, 2) % 2 as "SMS_received",
    case when hash(i) % 5 = 0 then 'Yes' else 'No' end as "No-show"
from (select i, timestamp '2016-05-02' + to_days((hash(i, 3) % 27)::int) as day from range($last::bigint) as t(i))
"""
VISITS = """
zone = "America/Sao_Paulo"
marks = "both"
[visit]
date = {column = "AppointmentDay", format = "year first", at = "00:00"}
service = {value = "Appointment"}
client = {column = "PatientId"}
booked = {column = "ScheduledDay", format = "year first"}
id = {column = "AppointmentID"}
location = {column = "Neighbourhood"}
attributes = {reminder = {column = "SMS_received", yes = ["1"], no = ["0"]}}
[visit.status]
column = "No-show"
no_show = ["Yes"]
[visit.status.words]
No = "attended"
"""
RECORDS = {"booking": _BOOKING_RECORDS, "extended-booking": _EXTENDED_RECORDS, "session": _SESSION_RECORDS}
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


def write_records(file: Path, kind: str, count: int) -> None:
    """Write that many records of a kind of `RECORDS` as NDJSON, as the API gives them."""
    with duckdb.connect() as con:
        con.execute(f"copy ({RECORDS[kind].replace('$last', str(count))}) to '{file}' (format json)")


def write_visits(file: Path, count: int) -> None:
    """Write that many appointments as CSV, a row each; the mapping that reads them is `VISITS`."""
    with duckdb.connect() as con:
        con.execute(f"copy ({_VISITS.replace('$last', str(count))}) to '{file}' (format csv)")


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
