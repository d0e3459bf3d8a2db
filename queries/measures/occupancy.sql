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
    coalesce(sum(capacity) filter (unmarked_bookings = 0), 0)::bigint as seats_marked,
    coalesce(sum(came_within) filter (unmarked_bookings = 0), 0)::bigint as came_within,
    sum(attended_bookings)::bigint as attended_bookings,
    sum(no_shows)::bigint as no_shows,
    count(*) filter (booked_rated > 0) as rated_sessions,
    sum(booked_rated)::bigint as booked_rated,
    sum(absent)::bigint as absent,
    sum(booked_rated * booked_rated)::bigint as booked_rated_squared,
    coalesce(sum(absent * absent / booked_rated) filter (booked_rated > 0), 0)::double as absent_squared_share
from (
    {session_occupancy}
)
group by part, service_id, capacity
order by part, service, service_id, capacity
