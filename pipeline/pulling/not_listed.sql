-- Stored attendance (id, booking, session) of fetched bookings that the pull did not list. Left out are marks made by
-- hand, which the API never had, and attendance updated or loaded after the pull began, which it may not have seen.
select a.id::varchar, a.booking_id::varchar, a.session_key
from attendance as a
join load_ledger as l on l.load_id = a.load_id
where a.booking_id::varchar in (select id from fetched_bookings)
    and a.id::varchar not in (select id from listed_attendance)
    and l.kind <> 'mark'
    and l.started_at < $began
    and coalesce(a.updated_at, timestamp '1970-01-01') < $began
order by a.id
