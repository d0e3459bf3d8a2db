-- One row if a name also occurs as, or in, the name of another contact, of staff, a location or a service.
select 1
from (
    select contact_name as said from booking where contact_id is null or lower(contact_id) <> lower($contact)
    union all select staff_name from booking
    union all select location_name from booking
    union all select service_name from booking
    union all select staff_name from session
    union all select location_name from session
    union all select service_name from session
    union all select name from service
)
where contains(lower(said), lower($name))
limit 1
