-- The contacts that asked the source to be forgotten. Once erased, a contact is no longer named by its bookings.
select distinct b.contact_id
from anonymize_request as r
join booking as b on b.id = r.booking_id
where b.contact_id is not null
order by b.contact_id
