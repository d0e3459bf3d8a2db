-- `late_cancelled` is null in a group without any cancel time, and there it counts none.
create or replace view cancellations_by_notice as
select
    notice,
    cancelled_bookings,
    case when notice is not null
        then cancelled_bookings / sum(cancelled_bookings) filter (notice is not null) over ()
    end as share_of_known,
    early_cancelled,
    coalesce(late_cancelled, 0) as late_cancelled,
    business_cancelled,
    unknown_cancelled
from no_show_by_notice
where cancelled_bookings > 0;

comment on view cancellations_by_notice is
    'Cancelled bookings by how long before the start that was, the shortest notice first, those unknown last';
