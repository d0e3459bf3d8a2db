-- Note the booking of an attendance whose person is to be forgotten: from the stored attendance, or from a staged one,
-- which may be stale and never be stored.
update anonymize_request as r
set booking_id = a.booking_id
from (
    select id, any_value(booking_id) as booking_id
    from (
        select id, booking_id from attendance
        union all
        select id, booking_id from staged_attendance
    )
    group by id
) as a
where a.id = r.id and r.booking_id is null
