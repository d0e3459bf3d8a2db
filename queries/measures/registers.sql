select
    part,
    session_id,
    max(service) as service,
    max(location) as location,
    max(staff) as staff,
    max(local_start) as local_start,
    sum(weight) filter (outcome is not null)::bigint as bookings,
    sum(weight) filter (outcome = 'unmarked')::bigint as unmarked_bookings
from facts
group by part, session_id
having count(*) filter (outcome = 'unmarked') > 0
order by local_start, session_id
