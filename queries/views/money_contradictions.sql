create or replace view money_contradictions as
select * exclude (part)
from (
    {measured}
)
order by kind, local_start, booking_id;

comment on view money_contradictions is
    'Bookings whose money contradicts their outcome: a fee without a no-show, a no-show without a fee, a fee twice';
