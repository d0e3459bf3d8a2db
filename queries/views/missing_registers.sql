create or replace view missing_registers as
select
    session_id,
    max(service) as service,
    max(location) as location,
    max(staff) as staff,
    max(local_start) as local_start,
    count(*) as bookings,
    count(*) filter (outcome = 'unmarked') as unmarked_bookings,
    date_diff('day', max(due_at), as_of_now()) as days_open
from booked_session
group by session_id
having count(*) filter (outcome = 'unmarked') > 0
order by local_start, session_id;

comment on view missing_registers is 'Sessions that are due and have bookings not marked yet, the oldest first';
