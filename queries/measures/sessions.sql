-- The newest 5,000 sessions of each part, beside how many it has.
with
newest as (
    select
        part,
        session_id,
        max(local_start) as local_start,
        count(*) over (partition by part) as all_sessions
    from facts
    where outcome is not null
    group by part, session_id
    qualify row_number() over (partition by part order by max(local_start) desc, session_id) <= 5000
)
select
    part,
    session_id,
    service,
    location,
    staff,
    local_start,
    capacity,
    all_sessions,
    unnest(counts)
from (
    select
        n.part,
        n.session_id,
        max(p.service) as service,
        max(p.location) as location,
        max(p.staff) as staff,
        n.local_start,
        max(p.capacity) as capacity,
        n.all_sessions,
        no_show_counts(p) as counts
    from facts as p
    join newest as n on n.session_id = p.session_id and n.part is not distinct from p.part
    group by n.part, n.session_id, n.local_start, n.all_sessions
)
order by local_start desc, session_id
