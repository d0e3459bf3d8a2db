-- The rows that earlier loads of the same mapping and kind brought, that start within the dates, and that the files of
-- a complete export do not contain. A session or service goes only if nothing that stays names it.
create or replace temp table earlier_load as
select load_id
from load_ledger
where mapping is not distinct from (select mapping from run_scope)
    and (mapping is not null or kind in (select unnest(kinds) from run_scope));

create or replace temp table gone_booking as
select b.id
from booking as b
left join session as s on s.id = b.session_key
where b.load_id in (from earlier_load)
    and b.id not in (select id from seen_booking where id is not null)
    and timezone(
        coalesce(b.time_zone, s.time_zone, (select time_zone from site)),
        timezone('UTC', coalesce(b.starts_at, s.starts_at))
    )::date between (select first from run_scope) and (select last from run_scope);

create or replace temp table gone_attendance as
select id from attendance where booking_id in (from gone_booking);

create or replace temp table gone_payment as
select id from payment where booking_id in (from gone_booking);

create or replace temp table gone_fee as
select id from fee where booking_id in (from gone_booking);

create or replace temp table named_session as
select unnest([session_key, event_id, session_id]) as id from booking where id not in (from gone_booking)
union
select unnest([session_key, event_id, session_id]) from attendance where id not in (from gone_attendance);

create or replace temp table gone_session as
select id
from session
where load_id in (from earlier_load)
    and id not in (select id from seen_session where id is not null)
    and id not in (select id from named_session where id is not null)
    and coalesce(schedule_id, '') not in (
        select schedule_id from booking
        where booked_entity = 'schedule' and schedule_id is not null and id not in (from gone_booking)
    )
    and timezone(
        coalesce(time_zone, (select time_zone from site)), timezone('UTC', starts_at)
    )::date between (select first from run_scope) and (select last from run_scope);

create or replace temp table gone_service as
select id
from service
where load_id in (from earlier_load)
    and id not in (select id from seen_service where id is not null)
    and id not in (select service_id from booking where service_id is not null and id not in (from gone_booking))
    and id not in (select service_id from session where service_id is not null and id not in (from gone_session))
