-- The fact: confirmed bookings of sessions that took place and are due, at any moment asked for. counted_at adds the
-- cancelled ones: they are counted beside the bookings, and enter no rate but that of lost seats.
-- In the shell, `set variable as_of = timestamp '2026-03-01';` (UTC) moves the views to that moment.
create or replace macro counted_at(as_of) as table
select * from booking_session where is_counted and due_at <= as_of;

create or replace macro booked_session_at(as_of) as table
select * from booking_session where place = 'confirmed' and due_at <= as_of;

-- Without the variable, or if it is not a timestamp, the moment is now.
create or replace macro as_of_now() as
    coalesce(try_cast(getvariable('as_of') as timestamp), timezone('UTC', now()));

create or replace view booked_session as
select * from booked_session_at(as_of_now());

comment on macro table counted_at is 'Rows the counts are taken from: due pairs, confirmed or cancelled, as of a UTC timestamp';
comment on macro table booked_session_at is 'The fact as of a UTC timestamp';
comment on macro as_of_now is 'The variable as_of (UTC) if set, else now';
comment on view booked_session is
    'The fact: one row per confirmed booking and session that is due, with outcome and participants';
