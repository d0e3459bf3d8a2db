-- Remove the messages to the participants of the contact's bookings.
update participant_notification set message = null
where message is not null and booking_id in (select id from booking where lower(contact_id) = lower($contact))
returning 1
