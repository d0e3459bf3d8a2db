-- The source of every figure: one row per booking and session of it, whatever the booking's status, and one for each
-- session that nobody booked. A booking without a known session has one row with a null session.
-- In a snapshot published after a load of many bookings this is a table with the same columns and rows.
create or replace view known_roster as
with
pair as (
    {pairs}
),
nobody_booked as (
    select null::uuid as booking_id, session_id
    from known_session
    -- `not in` keeps no row at all once the list has a null, and bookings without a session put one there.
    where session_id not in (select session_id from pair where session_id is not null)
),
-- The sessions of a course are counted from its first, booked or not.
course_session as (
    select id, row_number() over (partition by schedule_id order by starts_at, id) as session_number
    from session
    where status is distinct from 'CANCELLED'
        and schedule_id in (select schedule_id from booking where booked_entity = 'schedule')
),
-- An attendance may name its session by the deprecated session id, alone or beside an event id, so a booking can have
-- several under one session id. The latest counts: arg_max returns the first struct of the row with the greatest second
-- one, compared field by field. Packed together, id, status and number come from the same row; the epoch stands for an
-- unknown moment, the earliest of all.
by_deprecated_id as (
    select booking_id, session_id, arg_max(
        struct_pack(id := id, status := status, number := number_of_attendees, excused := excused),
        struct_pack(updated_at := coalesce(updated_at, timestamp '1970-01-01'), id := id)
    ) as a
    from attendance
    where session_id is not null
    group by booking_id, session_id
),
joined as (
    select
        p.booking_id,
        p.session_id,
        coalesce(b.booked_entity = 'schedule', c.id is not null) as is_course,
        c.session_number,
        i.service_id,
        coalesce(v.name, b.service_name, s.service_name, i.service_id::varchar) as service,
        coalesce(v.type, b.service_type) as service_type,
        coalesce(s.schedule_id, b.schedule_id) as schedule_id,
        i.location_id,
        coalesce(s.location_name, b.location_name, s.location_id, b.location_id) as location,
        i.staff_id,
        coalesce(s.staff_name, b.staff_name, s.staff_id, b.staff_id) as staff,
        s.starts_at,
        s.ends_at,
        coalesce(s.time_zone, b.time_zone, site.time_zone) as time_zone,
        coalesce(s.ends_at, s.starts_at) + to_hours(site.grace_hours) as due_at,
        s.status as session_status,
        {carried},
        b.canceled_by,
        b.cancellation as stated_cancellation,
        case when b.id is not null then coalesce(b.marks, 'both') end as marks,
        case when b.id is not null then coalesce(b.weight, 1) end as weight,
        case when b.id is not null then greatest(1, coalesce(b.participants, 1)) end as booked,
        coalesce(s.capacity, v.default_capacity) as capacity,
        b.price as own_price,
        b.currency as own_currency,
        site.prices,
        site.currency as site_currency,
        site.late_hours,
        coalesce(a.id, e.id, d.a.id) as attendance_id,
        coalesce(a.status, e.status, d.a.status) as attendance_status,
        coalesce(a.number_of_attendees, e.number_of_attendees, d.a.number) as number_of_attendees,
        coalesce(case when a.id is not null then a.excused when e.id is not null then e.excused else d.a.excused end, false)
            as is_excused
    -- The attendance is looked up by the session that the booking is in now (a), by the event id that the booking
    -- itself names if that is another (e), and by the deprecated session id (d). Each join finds at most one row, so
    -- none multiplies the pairs; the first that finds one counts.
    from (from pair union all from nobody_booked) as p
    left join booking as b on b.id = p.booking_id
    cross join site
    left join known_session as s on s.session_id = p.session_id
    left join course_session as c on c.id = p.session_id
    -- The session's own id counts before the booking's, and an id that the source gave before one made of a name.
    cross join lateral (
        select
            coalesce(stated_id('service', s.service_id, s.service_name)::uuid, b.service_id, s.service_id) as service_id,
            coalesce(stated_id('location', s.location_id, s.location_name), b.location_id, s.location_id) as location_id,
            coalesce(stated_id('staff', s.staff_id, s.staff_name), b.staff_id, s.staff_id) as staff_id
    ) as i
    left join service as v on v.id = i.service_id
    left join attendance as a on a.booking_id = p.booking_id and a.session_key = p.session_id
    left join attendance as e
        on e.booking_id = p.booking_id and e.session_key = b.event_id and b.event_id <> p.session_id
    left join by_deprecated_id as d
        on d.booking_id = p.booking_id and d.session_id = coalesce(b.session_id, p.session_id)
),
placed as (
    select
        *,
        timezone(time_zone, timezone('UTC', starts_at)) as local_start,
        timezone(time_zone, timezone('UTC', created_at)) as local_created,
        -- The first reason to leave a row out, in this order; without any it is confirmed.
        case
            when booking_id is null then 'nobody_booked'
            -- Leaving a course gives up later sessions, and not those that had begun.
            when booking_status = 'CANCELED' and not (is_course and coalesce(starts_at < canceled_at, false))
                then 'cancelled'
            when booking_status not in ('CONFIRMED', 'CANCELED') then 'other_status'
            when starts_at is null then 'no_session'
            when session_status = 'CANCELLED' then 'session_cancelled'
            else 'confirmed'
        end as place,
        -- The map is usually empty: then no row pays for writing its id as text.
        case when own_price is null and cardinality(prices) > 0
            then coalesce(prices[lower(service_id::varchar)], prices[lower(service)]) end as listed_price
    from joined
),
settled as (
    select
        *,
        -- The meaning of a mark, or of no mark, depends on `marks`.
        case
            when place <> 'confirmed' then null
            when is_excused then 'excused'
            when attendance_status = 'NOT_ATTENDED' then 'not_attended'
            when attendance_status = 'ATTENDED' and marks = 'default' then 'presumed_attended'
            when attendance_status = 'ATTENDED' then 'attended'
            when marks = 'both' then 'unmarked'
            when marks = 'arrivals' then 'presumed_missed'
            else 'presumed_attended'
        end as outcome,
        -- By the business, by the time, by the source's own word, in this order.
        case
            when place <> 'cancelled' then null
            when canceled_by = 'BUSINESS' or session_status = 'CANCELLED' or stated_cancellation = 'business'
                then 'business'
            when canceled_at is null or starts_at is null then coalesce(stated_cancellation, 'unknown')
            when canceled_at >= starts_at - to_hours(late_hours) then 'late'
            else 'early'
        end as cancellation
    from placed
)
select
    {stored}
from (
    select
        *,
        md5(concat_ws('|', coalesce(service_id::varchar, service), isodow(local_start), strftime(local_start, '%H:%M'),
            location_id, staff_id)) as series_id,
        date_diff('day', local_created::date, local_start::date) as lead_days,
        -- The visits of a contact in the order of their starts, over confirmed bookings.
        case when place = 'confirmed' and participant_id is not null then row_number() over visits end as visit,
        -- Visits to one session start together, so those of one contact stand side by side in that order.
        place = 'confirmed' and participant_id is not null and coalesce(
            lag(session_id) over visits = session_id or lead(session_id) over visits = session_id, false
        ) as is_booked_twice,
        coalesce(own_price, listed_price) as price,
        -- `eur` of one file and `EUR` of another are one currency.
        upper(trim(case when listed_price is null then own_currency else site_currency end)) as currency
    from settled
    window visits as (
        partition by participant_id, place = 'confirmed' order by starts_at, session_id, booking_id
    )
);

comment on view known_roster is 'The rows behind session_roster: a view, or a table if the snapshot stores them';
