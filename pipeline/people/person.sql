-- The names of a contact in their bookings and earlier versions of them, and the ids of these
-- bookings.
select 'name' as kind, contact_name as value
from booking where lower(contact_id) = lower($contact) and trim(contact_name) <> ''
union
select 'booking', id::varchar from booking where lower(contact_id) = lower($contact)
union
select 'name', json_extract_string(content, '$.contact_name')
from internal.replaced_row
where entity = 'booking' and lower(json_extract_string(content, '$.contact_id')) = lower($contact)
    and trim(json_extract_string(content, '$.contact_name')) <> ''
union
select 'booking', json_extract_string(content, '$.id')
from internal.replaced_row
where entity = 'booking' and lower(json_extract_string(content, '$.contact_id')) = lower($contact)
