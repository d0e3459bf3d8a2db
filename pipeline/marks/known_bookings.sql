-- For each asked mark the participants booked, null without the booking, and whether it names the session itself.
select
    a.record,
    case when b.id is not null then greatest(1, coalesce(b.participants, 1)) end,
    b.event_id = a.session_key or b.session_id = a.session_key
from asked_mark as a
left join (
    select id, participants, event_id, session_id from booking where id in (select booking_id from asked_mark)
) as b on b.id = a.booking_id
