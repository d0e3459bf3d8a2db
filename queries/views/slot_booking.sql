-- Each booking of an appointment or class, with the session it is in now: the calendar event that was loaded for it,
-- found by event id or by the deprecated session id, else a session made from its own slot.
create or replace view slot_booking as
select
    b.id as booking_id,
    coalesce(by_event.id, by_session.id, b.session_key) as session_id,
    by_event.id is null and by_session.id is null as made_from_slot
from booking as b
left join session as by_event on by_event.id = b.event_id
left join session as by_session on by_session.id = b.session_id and by_event.id is null
where b.booked_entity = 'slot';

comment on view slot_booking is 'Bookings of appointments and classes, each with the session it is in now';
