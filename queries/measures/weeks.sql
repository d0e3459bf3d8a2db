-- Marked bookings and no-shows by week of each group that a report follows, in one scan, with a grouping set for each
-- family. grouping(column) is 0 in the sets that group by the column, which shows the family of a row.
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
