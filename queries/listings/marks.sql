-- The attendance of some bookings, the latest change last.
select
    booking_id::varchar as booking_id,
    session_key,
    session_id,
    id::varchar as id,
    status,
    number_of_attendees
from attendance
where booking_id in (select unnest($ids::uuid[]))
order by updated_at nulls first, attendance.id
