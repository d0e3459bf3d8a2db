-- The stored marks that have the pair or the id of an asked one. Of the pair the booking narrows the search enough;
-- each column is searched alone, since an `or` would read all of both.
select s.rowid, s.id::varchar, s.booking_id::varchar, s.session_key, s.updated_at
from attendance as s
where s.rowid in (
    select rowid from attendance where booking_id in (select booking_id from asked_mark)
    union all
    select rowid from attendance where id in (select id from asked_mark)
)
and (
    (s.booking_id, s.session_key) in (select (booking_id, session_key) from asked_mark)
    or s.id in (select id from asked_mark)
)
