create or replace view session_occupancy as
select * exclude (part), booked / capacity as fill_rate
from (
    {measured}
)
order by local_start, session_id;

comment on view session_occupancy is
    'Due sessions with a capacity, one row each, so that seats can be summed; those that nobody booked are among them';
