-- The booking of an attendance whose person is to be forgotten: as stored, or as a file tells that comes too late to be
-- stored.
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
