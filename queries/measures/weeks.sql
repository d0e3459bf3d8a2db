-- Marked bookings and no-shows by week of each group that a report follows, in one scan; `family` says of which kind.
select
    part,
    case
        {followed}
    end as family,
    {followed_keys},
    max(location) as location,
    date_trunc('week', local_date)::date as week,
    count(outcome) as bookings,
    count(*) filter (is_marked) as marked_bookings,
    count(*) filter (outcome = 'not_attended') as no_shows
from facts
group by grouping sets (
    {followed_sets}
)
