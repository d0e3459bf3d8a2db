-- Marks made by each person, over sources that record one side only: they have no register to fill in, so nobody would
-- notice who never marks. An export may write ATTENDED for every booking that nobody marked, so ATTENDED counts as a mark
-- only if the source records arrivals.
select
    part,
    case when staff_id is not null then 'staff' when location_id is not null then 'location' else 'service' end as kept_by,
    coalesce(staff_id, location_id, service_id::varchar) as keeper_id,
    max(case when staff_id is not null then staff when location_id is not null then location else service end) as keeper,
    sum(weight)::bigint as bookings,
    coalesce(sum(weight) filter (is_mark), 0)::bigint as marks_made,
    max(local_date) filter (is_mark) as last_mark,
    max(local_date) as last_booking
from (
    select *, outcome in ('not_attended', 'excused') or (marks = 'arrivals' and outcome = 'attended') as is_mark
    from facts
    where outcome is not null and marks <> 'both'
)
group by part, kept_by, keeper_id
order by part, last_mark nulls first, bookings desc, keeper_id
