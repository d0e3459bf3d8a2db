-- Sessions with a capacity, including those that nobody booked. Only sessions with every booking marked count towards
-- the seats taken, since an unmarked booking may have come or not. The last five are sums over sessions with rated
-- participants, from which the dispersion between sessions follows (`queries/measures/seats.py`).
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
    sum(no_shows)::bigint as no_shows,
    count(*) filter (rated > 0) as rated_sessions,
    sum(rated)::bigint as booked_rated,
    sum(absent)::bigint as absent,
    sum(rated * rated)::bigint as booked_rated_squared,
    -- In order, since the last digits of a sum of floats depend on it, and threads add up in any.
    coalesce(sum(absent * absent / rated order by absent * absent / rated) filter (rated > 0), 0)::double
        as absent_squared_share
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
        coalesce(sum(booked * weight) filter (is_rated), 0) as rated,
        coalesce(sum(absent * weight) filter (is_rated), 0) as absent,
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
