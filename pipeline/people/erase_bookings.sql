-- The bookings stay, as figures of the business, and name nobody.
update booking set contact_id = null, contact_name = null where lower(contact_id) = lower($contact) returning 1
