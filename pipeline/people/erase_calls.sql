-- Bookings of the contact on lists of calls.
delete from call_list where lower(contact_id) = lower($contact) returning 1
