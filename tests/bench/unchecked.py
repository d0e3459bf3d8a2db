"""Statements by which DuckDB alone reads the files that noshow loads, into the same columns, unchecked and unsorted.

Ids that noshow makes of names are MD5 here, which is cheaper than the version 5 of RFC 9562.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_SLOT = """struct(
    "eventId" varchar, "serviceId" uuid, timezone varchar, location struct(id varchar, name varchar),
    resource struct(id varchar, name varchar), "startDate" timestamp, "endDate" timestamp)"""
_BOOKING = {
    "id": "uuid",
    "status": "varchar",
    "createdDate": "timestamp",
    "updatedDate": "timestamp",
    "totalParticipants": "bigint",
    "revision": "bigint",
    "paymentStatus": "varchar",
    "contactDetails": 'struct("contactId" uuid, "firstName" varchar, "lastName" varchar)',
    "bookedEntity": f"""struct(title varchar, tags varchar[], slot {_SLOT}, rate struct(
        "labeledPriceOptions" struct(general struct(amount decimal(18, 4), currency varchar))))""",
}
_BOOKED = """
create table booking as
select
    b.id, b.status, 'slot' as booked_entity, b."bookedEntity".slot."serviceId" as service_id,
    b."bookedEntity".title as service_name, b."bookedEntity".tags[1] as service_type,
    b."bookedEntity".slot."eventId" as event_id, event_id as session_key,
    b."bookedEntity".slot."startDate" as starts_at, b."bookedEntity".slot."endDate" as ends_at,
    b."bookedEntity".slot.timezone as time_zone, b."bookedEntity".slot.location.id as location_id,
    b."bookedEntity".slot.location.name as location_name, b."bookedEntity".slot.resource.id as staff_id,
    b."bookedEntity".slot.resource.name as staff_name, b."totalParticipants" as participants,
    b."contactDetails"."contactId" as contact_id,
    b."contactDetails"."firstName" || ' ' || b."contactDetails"."lastName" as contact_name,
    b."bookedEntity".rate."labeledPriceOptions".general.amount as price,
    b."bookedEntity".rate."labeledPriceOptions".general.currency as currency,
    b."paymentStatus" as payment_status, b."createdDate" as created_at, b."updatedDate" as updated_at, b.revision
from {source};
"""
_MARK = 'struct(id uuid, status varchar, "numberOfAttendees" bigint)'
# The fields of a booking that the mark beside it takes over.
_TIES = f'struct(id uuid, "bookedEntity" struct(slot {_SLOT}))'
_MARKED = """
create table attendance as
select
    a.id, b.id as booking_id, b."bookedEntity".slot."eventId" as event_id, event_id as session_key, a.status,
    a."numberOfAttendees" as number_of_attendees
from {source}
"""
_MOMENT = 'struct("utcDate" timestamp, "timeZone" varchar)'
_SESSIONS = f"""
create table session as
select
    id, "scheduleId" as schedule_id, "serviceId" as service_id, title as service_name, type as service_type, status,
    start."utcDate" as starts_at, "end"."utcDate" as ends_at, start."timeZone" as time_zone,
    "totalCapacity" as capacity, location.id as location_id, location.name as location_name,
    resources[1].id as staff_id, resources[1].name as staff_name, revision, "updatedDate" as updated_at
from read_json('{{file}}', format = 'newline_delimited', columns = {{{{
    id: 'varchar', "scheduleId": 'uuid', "serviceId": 'uuid', title: 'varchar', type: 'varchar', status: 'varchar',
    start: '{_MOMENT}', "end": '{_MOMENT}', "totalCapacity": 'bigint', location: 'struct(id varchar, name varchar)',
    resources: 'struct(id varchar, name varchar)[]', revision: 'bigint', "updatedDate": 'timestamp'}}}})
"""
_VISITS = """
create temp table visit as
select
    *, md5('booking' || "AppointmentID")::uuid as id,
    md5(trim("Neighbourhood") || left("AppointmentDay", 10)) as session,
    md5('service')::uuid as service, trim("Neighbourhood") as place,
    timezone('America/Sao_Paulo', left("AppointmentDay", 10)::timestamp)::timestamp as starts_at
from read_csv('{file}', all_varchar = true);
create table service as select distinct service as id, 'Appointment' as name from visit;
create table session as
select distinct
    session as id, service as service_id, 'Appointment' as service_name, place as location_id, place as location_name,
    starts_at, 'America/Sao_Paulo' as time_zone, 'CONFIRMED' as status
from visit;
create table booking as
select
    id, 'CONFIRMED' as status, 'slot' as booked_entity, service as service_id, 'Appointment' as service_name,
    session as event_id, session as session_key, starts_at, 'America/Sao_Paulo' as time_zone,
    trim("PatientId") as contact_id, timezone('UTC', "ScheduledDay"::timestamptz) as created_at, 'both' as marks,
    json_object('reminder', "SMS_received" = '1')::varchar as attributes
from visit;
create table attendance as
select
    md5("AppointmentID" || session)::uuid as id, id as booking_id, session as event_id, session as session_key,
    case "No-show" when 'Yes' then 'NOT_ATTENDED' else 'ATTENDED' end as status, 1 as number_of_attendees
from visit
"""


def statements(kind: str, file: Path) -> str:
    """The statements that read a file of `filled.RECORDS`, or of `visits`."""
    if kind == "session":
        return _SESSIONS.format(file=file)
    if kind == "visits":
        return _VISITS.format(file=file)
    if kind == "extended-booking":
        struct = ", ".join(f'"{name}" {typed}' for name, typed in _BOOKING.items())
        source = f"(select booking as b from {_read(file, {'booking': f'struct({struct})', 'attendance': _MARK})})"
        marks = f"(select booking as b, attendance as a from {_read(file, {'booking': _TIES, 'attendance': _MARK})})"
        return _BOOKED.format(source=source) + _MARKED.format(source=marks)
    return _BOOKED.format(source=f"{_read(file, _BOOKING)} as b")


def _read(file: Path, columns: Mapping[str, str]) -> str:
    named = ", ".join(f"\"{name}\": '{typed}'" for name, typed in columns.items())
    return f"read_json('{file}', format = 'newline_delimited', columns = {{{named}}})"
