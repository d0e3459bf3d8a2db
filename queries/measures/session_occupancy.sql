-- Each due session with a capacity, including those that nobody booked: a session counts once, however many bookings
-- and services it has. Participants came within the seats that there are; an unmarked booking may have come or not.
select
    part,
    session_id,
    max(service_id) as service_id,
    max(service) as service,
    max(service_type) as service_type,
    max(location) as location,
    max(staff) as staff,
    max(local_start) as local_start,
    max(capacity) as capacity,
    coalesce(sum(booked * weight) filter (place = 'confirmed'), 0)::bigint as booked,
    coalesce(sum(weight) filter (outcome = 'unmarked'), 0)::bigint as unmarked_bookings,
    coalesce(sum(weight) filter (is_rated and not is_missed), 0)::bigint as attended_bookings,
    coalesce(sum(weight) filter (is_missed), 0)::bigint as no_shows,
    coalesce(sum(booked * weight) filter (is_rated), 0)::bigint as booked_rated,
    coalesce(sum(absent * weight) filter (is_rated), 0)::bigint as absent,
    least(
        max(capacity),
        coalesce(sum(came * weight), 0)
    )::bigint as came_within
from roster
where (is_counted or place = 'nobody_booked') and is_due and capacity > 0
    and session_status is distinct from 'CANCELLED'
group by part, session_id
