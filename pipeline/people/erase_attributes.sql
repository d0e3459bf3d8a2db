-- Replace attributes of a contact's bookings by those that do not mention the contact.
update booking
set attributes = $kept
where lower(contact_id) = lower($contact) and attributes = $text and $kept is distinct from $text
