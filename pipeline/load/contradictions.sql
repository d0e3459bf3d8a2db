insert into set_aside
select record, 'status_contradicts_number', '/numberOfAttendees'
from staged_attendance
where (status = 'ATTENDED' and number_of_attendees = 0) or (status = 'NOT_ATTENDED' and number_of_attendees >= 2)
