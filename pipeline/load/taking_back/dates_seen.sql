-- The local dates of the first and the last start in the files.
select min(local_start)::date, max(local_start)::date
from (
    select
        timezone(
            coalesce(b.time_zone, s.time_zone, (select time_zone from site)),
            timezone('UTC', coalesce(b.starts_at, s.starts_at))
        ) as local_start
    from seen_booking as b
    left join session as s on s.id = b.session_key
)
