select
    part,
    session_id,
    service,
    location,
    staff,
    local_start,
    capacity,
    unnest(counts)
from (
    select
        p.part,
        p.session_id,
        max(p.service) as service,
        max(p.location) as location,
        max(p.staff) as staff,
        max(p.local_start) as local_start,
        max(p.capacity) as capacity,
        no_show_counts(p) as counts
    from facts as p
    group by p.part, p.session_id
)
where counts.bookings > 0
order by local_start desc, session_id
