-- Sessions with a capacity, including those that nobody booked. Only sessions with every booking marked count towards
-- the seats taken, since an unmarked booking may have come or not.
select
    part,
    service_id,
    max(service) as service,
    max(service_type) as service_type,
    capacity,
    count(*) as sessions,
    count(*) filter (booked = 0) as empty_sessions,
    count(*) filter (booked >= capacity) as full_sessions,
    sum(capacity)::bigint as seats,
    sum(booked)::bigint as booked,
    coalesce(sum(capacity) filter (unmarked = 0), 0)::bigint as seats_marked,
    coalesce(sum(came_within) filter (unmarked = 0), 0)::bigint as came_within,
    sum(attended_bookings)::bigint as attended_bookings,
    sum(no_shows)::bigint as no_shows
from (
    select
        part,
        service_id,
        max(service) as service,
        max(service_type) as service_type,
        max(capacity) as capacity,
        coalesce(sum(booked * weight) filter (place = 'confirmed'), 0) as booked,
        count(*) filter (outcome = 'unmarked') as unmarked,
        coalesce(sum(weight) filter (is_rated and not is_missed), 0) as attended_bookings,
        coalesce(sum(weight) filter (is_missed), 0) as no_shows,
        least(
            max(capacity),
            coalesce(sum(came * weight), 0)
        ) as came_within
    from roster
    where (is_counted or place = 'nobody_booked') and is_due and capacity > 0
        and session_status is distinct from 'CANCELLED'
    group by part, service_id, session_id
)
group by part, service_id, capacity
order by part, service, service_id, capacity
