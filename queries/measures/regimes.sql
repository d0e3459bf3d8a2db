-- How the sources of the due bookings record attendance, and how many bookings stand in rows for several.
select
    part,
    marks,
    coalesce(sum(weight) filter (outcome is not null), 0)::bigint as bookings,
    coalesce(sum(weight) filter (weight > 1 and outcome is not null), 0)::bigint as summed_bookings
from facts
group by part, marks
order by part, marks
