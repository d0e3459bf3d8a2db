-- How many different things the file is about, once repeated keys are settled. Sessions and services also count if they
-- are only named: ids made of a text such as `7:15 am` and `7:15 AM` double the sessions, which is seen here.
select map_from_entries([
    ('booking', (select count(*) from staged_booking)),
    ('attendance', (select count(*) from staged_attendance)),
    ('payment', (select count(*) from staged_payment)),
    ('fee', (select count(*) from staged_fee)),
    ('session', (
        select count(distinct id) from (
            select id from staged_session
            union all
            select session_key from staged_booking where not starts_with(session_key, 'booking:')
            union all
            select session_key from staged_attendance where not starts_with(session_key, 'booking:')
        )
    )),
    ('service', (
        select count(distinct id) from (
            select id from staged_service
            union all
            select service_id from staged_session
            union all
            select service_id from staged_booking
        )
    ))
])
