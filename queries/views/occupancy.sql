create or replace view occupancy as
select
    * exclude (part),
    booked / nullif(seats, 0) as fill_rate,
    came_within / nullif(seats_marked, 0) as attendance_fill_rate
from (
    {measured}
)
order by service, service_id, capacity;

comment on view occupancy is 'How full due sessions with a capacity are, by service and capacity, as in the report';
