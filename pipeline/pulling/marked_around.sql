-- Bookings whose sessions began since a moment: their registers may have been filled in without the booking changing.
select distinct booking_id::varchar
from booking_session
where starts_at >= $first and starts_at <= $last
order by booking_id::varchar
