-- Members of staff all of whose bookings are marked attended, over at least 5 sessions and 30 bookings, if the chance of
-- that is below one in a thousand at the rate of all others together: 40 of 40 where the others miss 20 of 100 has a
-- chance of 0.8 to the power of 40, 0.013 %. Worth asking about: the figures stay as they are.
with
kept as (
    select
        part,
        staff_id,
        max(staff) as staff,
        count(distinct session_id) as sessions,
        sum(weight) as bookings,
        coalesce(sum(weight) filter (outcome = 'attended'), 0) as attended,
        coalesce(sum(weight) filter (is_rated), 0) as rated,
        coalesce(sum(weight) filter (is_missed), 0) as missed
    from facts
    where outcome is not null and marks = 'both'
    group by part, staff_id
),
compared as (
    select
        *,
        sum(rated) over (partition by part) - rated as rest_rated,
        sum(missed) over (partition by part) - missed as rest_missed
    from kept
)
select
    part,
    staff_id,
    staff,
    sessions::bigint as sessions,
    bookings::bigint as bookings,
    rest_missed::bigint as rest_no_shows,
    rest_rated::bigint as rest_rated_bookings,
    power(1 - rest_missed::double / rest_rated, bookings::double) as chance
from compared
where staff_id is not null and sessions >= 5 and bookings >= 30 and attended = bookings and rest_rated > 0
    and power(1 - rest_missed::double / rest_rated, bookings::double) < 0.001
order by part, chance, bookings desc, staff_id
