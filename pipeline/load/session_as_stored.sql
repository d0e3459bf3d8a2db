-- An attendance beside a booking names no session and was tied to where the booking is now. Where the same attendance is
-- stored with a session, that one is meant: the booking may have moved since. What it leaves out is as stored.
update staged_attendance as s
set
    event_id = t.event_id,
    session_id = t.session_id,
    session_key = t.session_key,
    starts_at = coalesce(s.starts_at, t.starts_at),
    time_zone = coalesce(s.time_zone, t.time_zone),
    status_updated_at = coalesce(s.status_updated_at, t.status_updated_at),
    updated_at = coalesce(s.updated_at, t.updated_at),
    event_sequence = coalesce(s.event_sequence, t.event_sequence)
from attendance as t
where t.id = s.id
    and t.booking_id = s.booking_id
    and not starts_with(t.session_key, 'booking:')
    and s.record in (select record from staged_booking)
