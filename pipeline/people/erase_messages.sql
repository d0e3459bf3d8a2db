-- What was to be told to those who came with a booking of the contact.
update participant_notification set message = null
where message is not null and booking_id in (select id from booking where lower(contact_id) = lower($contact))
returning 1
