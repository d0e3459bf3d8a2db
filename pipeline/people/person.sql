-- What the bookings of a contact tell: the contact's names, and the ids of the bookings.
select 'name' as what, contact_name as told
from booking where lower(contact_id) = lower($contact) and trim(contact_name) <> ''
union
select 'booking', id::varchar from booking where lower(contact_id) = lower($contact)
