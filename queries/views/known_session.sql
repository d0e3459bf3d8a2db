-- Every session that is known: the calendar events, and those made from the slots of bookings whose event was not
-- loaded. If slots of one session differ, the slot of the booking updated last counts. It is taken as one struct, so
-- that no session has the start of one booking and the end of another.
create or replace view known_session as
select
    id as session_id, service_id, service_name, schedule_id, starts_at, ends_at, time_zone,
    location_id, location_name, staff_id, staff_name, capacity, status, false as made_from_slot
from session
union all
select
    session_id, slot.service_id, slot.service_name, slot.schedule_id, slot.starts_at, slot.ends_at, slot.time_zone,
    slot.location_id, slot.location_name, slot.staff_id, slot.staff_name, null, 'CONFIRMED', true
from (
    select
        c.session_id,
        arg_max(
            struct_pack(
                service_id := b.service_id, service_name := b.service_name, schedule_id := b.schedule_id,
                starts_at := b.starts_at, ends_at := b.ends_at, time_zone := b.time_zone,
                location_id := b.location_id, location_name := b.location_name,
                staff_id := b.staff_id, staff_name := b.staff_name
            ),
            struct_pack(updated_at := coalesce(b.updated_at, timestamp '1970-01-01'), id := b.id)
        ) as slot
    from slot_booking as c
    join booking as b on b.id = c.booking_id
    where c.made_from_slot
    group by c.session_id
);

comment on view known_session is 'Sessions: calendar events, and those made from booked slots if no event was loaded';
