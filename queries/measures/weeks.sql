-- Rated bookings, no-shows and squares of sessions by week of each group that a report follows: sessions first, then a
-- grouping set for each family. grouping(column) is 0 in the sets that group by the column, which shows the family of a
-- row.
with each_session as (
    select
        part,
        session_id,
        {followed_keys},
        max(location) as location,
        date_trunc('week', local_date)::date as week,
        coalesce(sum(weight) filter (outcome is not null), 0)::bigint as bookings,
        coalesce(sum(weight) filter (is_rated), 0)::bigint as rated_bookings,
        coalesce(sum(weight) filter (is_missed), 0)::bigint as missed_bookings
    from facts
    group by part, session_id, {followed_list}, week
)
select
    part,
    case
        {followed}
    end as family,
    {followed_keys},
    max(location) as location,
    week,
    sum(bookings)::bigint as bookings,
    sum(rated_bookings)::bigint as rated_bookings,
    sum(missed_bookings)::bigint as missed_bookings,
    sum(rated_bookings * rated_bookings)::bigint as session_squares
from each_session
group by grouping sets (
    {followed_sets}
)
