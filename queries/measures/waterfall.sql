select part, place, outcome, coalesce(is_due, false) as is_due, sum(weight)::bigint as rows
from roster
where place <> 'nobody_booked'
group by part, place, outcome, coalesce(is_due, false)
