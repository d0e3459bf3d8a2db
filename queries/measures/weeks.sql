-- Rated bookings and no-shows by week of each group that a report follows, in one scan, with a grouping set for each
-- family. grouping(column) is 0 in the sets that group by the column, which shows the family of a row.
select
    part,
    case
        {followed}
    end as family,
    {followed_keys},
    max(location) as location,
    date_trunc('week', local_date)::date as week,
    coalesce(sum(weight) filter (outcome is not null), 0)::bigint as bookings,
    coalesce(sum(weight) filter (is_rated), 0)::bigint as rated_bookings,
    coalesce(sum(weight) filter (is_missed), 0)::bigint as missed_bookings
from facts
group by grouping sets (
    {followed_sets}
)
