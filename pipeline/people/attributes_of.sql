-- The different attributes of a contact's bookings.
select distinct attributes
from booking
where attributes is not null and lower(contact_id) = lower($contact)
