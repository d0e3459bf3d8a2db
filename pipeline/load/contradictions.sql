-- Set aside attendance whose status contradicts its number, if the settings ask for it.
insert into set_aside
select record, 'status_contradicts_number', '/numberOfAttendees'
from staged_attendance
where {status_contradicts}
