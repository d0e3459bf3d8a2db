select booking_id, session_id
from slot_booking
union all
-- A course booking covers the sessions of its schedule that start after it was made, or all of them if that moment
-- is not known.
select b.id, s.id
from booking as b
left join session as s
    on s.schedule_id = b.schedule_id
    and s.starts_at > coalesce(b.created_at, timestamp '1970-01-01')
where b.booked_entity = 'schedule'
