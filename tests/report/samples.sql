-- A year of twelve weekly classes for each part of a table `samples` (part, class_rate, bad_class, bad_from, tiny_class):
-- every booking misses with the rate of its class, by a throw that its number and its part decide.
create or replace temp table drawn as
with
classes as (
    select
        n as class,
        ['Yoga', 'Pilates', 'Spinning', 'Barre'][1 + n % 4] as service,
        ['Harbour', 'Old Town', 'Riverside'][1 + n % 3] as location,
        ['Ana', 'Mia', 'Tom', 'Lea', 'Sean', 'Ines'][1 + n % 6] as staff,
        1 + n % 5 as weekday,
        8 + n as hour,
        if(n = 7, 16, 2 + n % 4) as bookings
    from range(12) as t(n)
),
numbered as (
    select
        s.part,
        c.*,
        week.w as week,
        seat.b as seat,
        s.part || '/' || c.class || '/' || week.w as session_key,
        s.part || '/' || c.class || '/' || week.w || '/' || seat.b as key,
        timestamp '2024-09-02' + to_days((7 * week.w + c.weekday - 1)::integer) + to_hours(c.hour) as starts_at,
        case when c.class = s.bad_class and week.w >= s.bad_from then 2 * s.class_rate else s.class_rate end as rate
    from samples as s, classes as c, range(52) as week(w), range(16) as seat(b)
    where seat.b < c.bookings and (c.class is distinct from s.tiny_class or week.w < 12 / c.bookings)
)
select *, ('0x' || md5(key)[1:8])::bigint / 4294967296.0 < rate as missed from numbered;

insert into booking (
    id, status, booked_entity, service_type, service_id, service_name, event_id, session_key, starts_at, ends_at,
    time_zone, location_id, location_name, staff_id, staff_name, participants, payment_status, created_at, load_id
)
select
    md5(key)::uuid, 'CONFIRMED', 'slot', 'CLASS', md5(service)::uuid, service, session_key, session_key, starts_at,
    starts_at + interval 1 hour, 'UTC', location, location, staff, staff, 1, part, starts_at - interval 3 day, 1
from drawn;

insert into attendance (id, booking_id, event_id, session_key, status, number_of_attendees, load_id)
select
    md5('a' || key)::uuid, md5(key)::uuid, session_key, session_key,
    case when missed then 'NOT_ATTENDED' else 'ATTENDED' end, 1, 1
from drawn;
