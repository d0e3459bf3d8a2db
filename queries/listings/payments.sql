-- The payments of some bookings.
select *
from payment
where booking_id in (select unnest($ids::uuid[]))
