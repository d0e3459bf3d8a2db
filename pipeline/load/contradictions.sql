-- Set aside attendance whose status contradicts its number, if the settings ask for it. Not attended with
-- 1 attendee does not contradict: 1 is the number that is assumed if none is given.
insert into set_aside
select record, 'status_contradicts_number', '/numberOfAttendees'
from staged_attendance
where (status = 'ATTENDED' and number_of_attendees = 0) or (status = 'NOT_ATTENDED' and number_of_attendees >= 2)
