-- Marked bookings and no-shows by week of each group that a report looks at, in one scan; `family` says of which kind.
select
    part,
    case grouping(service_id, series_id, location_id, staff_id, local_hour)
        when 15 then 'service'
        when 23 then 'series'
        when 27 then 'location'
        when 29 then 'staff'
        else 'daypart'
    end as family,
    service_id,
    series_id,
    location_id,
    staff_id,
    local_hour,
    max(location) as location,
    date_trunc('week', local_date)::date as week,
    count(outcome) as bookings,
    count(*) filter (is_marked) as marked_bookings,
    count(*) filter (outcome = 'not_attended') as no_shows
from facts
group by grouping sets (
    (part, week, service_id),
    (part, week, series_id),
    (part, week, location_id),
    (part, week, staff_id),
    (part, week, location_id, local_hour)
)
