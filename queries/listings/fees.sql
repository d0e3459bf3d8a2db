-- The fees of some bookings.
select *
from fee
where booking_id in (select unnest($ids::uuid[]))
order by booking_id, id
