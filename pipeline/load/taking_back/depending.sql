-- Later loads whose records had something in common with this one: load_id, file.
-- They found records unchanged or stale, or their rows name a row of this load that they brought again unchanged: a
-- record counts as loaded if its booking is new, although its session and service were there before.
--   load 1  booking 1, session a
--   load 2  booking 2, session a   ->  `loaded`, and session a goes with load 1
with
naming as (
    select
        b.load_id,
        'service' as named
    from booking as b
    join service as s on s.id = b.service_id
    where s.load_id = $load_id
    union
    select
        t.load_id,
        'service'
    from session as t
    join service as s on s.id = t.service_id
    where s.load_id = $load_id
    union
    select
        b.load_id,
        'session'
    from booking as b
    join session as s on s.id in (b.event_id, b.session_id)
    where s.load_id = $load_id
    union
    select
        a.load_id,
        'session'
    from attendance as a
    join session as s on s.id = a.session_key
    where s.load_id = $load_id
    union
    select
        a.load_id,
        'booking'
    from attendance as a
    join booking as b on b.id = a.booking_id
    where b.load_id = $load_id
    union
    select
        p.load_id,
        'booking'
    from payment as p
    join booking as b on b.id = p.booking_id
    where b.load_id = $load_id
    union
    select
        b.load_id,
        'extended-booking'
    from payment as p
    join booking as b on b.id = p.booking_id
    where p.load_id = $load_id
    union
    select
        b.load_id,
        'attendance'
    from attendance as a
    join booking as b on b.id = a.booking_id
    where a.load_id = $load_id
)
select
    load_id,
    file
from load_ledger
where load_id > $load_id
    and unloaded_at is null
    and (
        unchanged + stale > 0
        or (load_id, true) in (
            select
                n.load_id,
                contains(l.kind, n.named)
            from naming as n
            join load_ledger as l on l.load_id = n.load_id
        )
    )
order by load_id
