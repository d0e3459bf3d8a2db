-- The bookings stay without the contact, since the figures of the business count them.
update booking set contact_id = null, contact_name = null where lower(contact_id) = lower($contact) returning 1
