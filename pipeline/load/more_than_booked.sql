-- Set aside attendance of more people than the booking has participants, if the settings ask for it. The booking may be
-- in this file, which counts first, or stored.
insert into set_aside
select a.record, 'more_than_booked', '/numberOfAttendees'
from staged_attendance as a
left join staged_booking as s on s.id = a.booking_id
left join booking as b on b.id = a.booking_id
where a.status = 'ATTENDED'
    and a.number_of_attendees > greatest(1, case when s.id is not null then s.participants else b.participants end)
    and (s.id is not null or b.id is not null)
