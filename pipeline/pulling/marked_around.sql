-- The bookings of sessions that began between two moments: their attendance may have been marked since, and that does
-- not change the booking's updatedDate.
select distinct booking_id::varchar
from booking_session
where starts_at >= $first and starts_at <= $last
order by booking_id::varchar
