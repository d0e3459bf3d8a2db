-- The names of a contact in their bookings, and the ids of these bookings.
select 'name' as kind, contact_name as value
from booking where lower(contact_id) = lower($contact) and trim(contact_name) <> ''
union
select 'booking', id::varchar from booking where lower(contact_id) = lower($contact)
