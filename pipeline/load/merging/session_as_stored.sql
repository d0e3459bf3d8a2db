-- Tie an attendance that came beside its booking to the session that the same attendance is stored with.
-- It names no session and was tied to where the booking is now, which may have moved since. Columns that it leaves
-- out stay as stored.
update staged_{entity} as s
set
    {ids_as_stored}
from {entity} as t
where t.id = s.id
    and t.booking_id = s.booking_id
    and not starts_with(t.session_key, 'booking:')
    and s.record in (select record from staged_booking)
