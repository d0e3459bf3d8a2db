-- The asked marks, of those in $records, whose booking is for the session all the same.
with
asked as (
    from asked_mark where record in (select unnest($records::bigint[]))
),
pair as (
    {pairs}
)
select distinct a.record
from asked as a
join (from pair where booking_id in (select booking_id from asked)) as p
    on p.booking_id = a.booking_id and p.session_id = a.session_key
