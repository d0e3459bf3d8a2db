create or replace view booking_session as
select * from session_roster where booking_id is not null;

comment on view booking_session is
    'One row per booking and session of it, whatever the status: confirmed, cancelled, moved or not yet known';
