-- The attendance of each booking of a slot: that of the session it is in now, by whichever id it is named.
select
    b.id::varchar as booking_id,
    unnest(arg_max(
        struct_pack(id := a.id::varchar, status := a.status, number_of_attendees := a.number_of_attendees),
        struct_pack(
            is_exact := a.session_key = b.session_key,
            updated_at := coalesce(a.updated_at, timestamp '1970-01-01'),
            id := a.id
        )
    ))
from booking as b
join attendance as a on a.booking_id = b.id
where b.id in (select unnest($ids::uuid[]))
    and b.booked_entity = 'slot'
    and (a.session_key in (b.session_key, b.event_id, 'booking:' || b.id::varchar) or a.session_id = b.session_id)
group by b.id
