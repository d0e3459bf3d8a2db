-- The bookings stay, since the business's figures count them, without the contact.
update booking set contact_id = null, contact_name = null where lower(contact_id) = lower($contact) returning 1
