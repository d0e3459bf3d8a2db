-- Bookings whose fee may have changed without a change of the booking: those with a fee that is not applied yet, those
-- whose policy has a fee and whose session began between two moments, so that they may have been marked since, and those
-- whose order has a fee that no pull brought, as the list of fees was left out then.
select booking_id::varchar
from fee
where status <> 'APPLIED_TO_ORDER'
union
select p.booking_id::varchar
from payment as p
join booking_session as s on s.booking_id = p.booking_id
where p.has_fee_policy and s.starts_at >= $first and s.starts_at <= $last
union
select booking_id::varchar
from payment
where fee_status in ('NOT_YET_APPLIED_TO_ORDER', 'APPLIED_TO_ORDER') and booking_id not in (select booking_id from fee)
order by 1
