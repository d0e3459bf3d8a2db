-- Note the bookings, sessions and services of a file, whether they turn out to be at fault later or not. A booking that
-- only a mark, a payment or a fee names is at the source as well.
insert into seen_booking
select id, starts_at, time_zone, session_key from staged_booking
union all
select booking_id, null, null, null from staged_attendance
union all
select booking_id, null, null, null from staged_payment
union all
select booking_id, null, null, null from staged_fee;

insert into seen_session
select id from staged_session
union all
select session_key from staged_booking where session_key is not null
union all
select session_key from staged_attendance;

insert into seen_service
select id from staged_service
union all
select service_id from staged_session where service_id is not null
union all
select service_id from staged_booking where service_id is not null;
