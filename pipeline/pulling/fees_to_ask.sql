-- Bookings whose fee may have changed without a change of the booking: those with a fee that is not applied yet, and those
-- whose policy has a fee and whose session began between two moments, so that they may have been marked since.
select booking_id::varchar
from fee
where status <> 'APPLIED_TO_ORDER'
union
select p.booking_id::varchar
from payment as p
join booking_session as s on s.booking_id = p.booking_id
where p.has_fee_policy and s.starts_at >= $first and s.starts_at <= $last
order by 1
