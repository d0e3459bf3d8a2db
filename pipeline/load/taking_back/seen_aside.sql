-- Note the things that records set aside are about: they are at the source, so they are not gone.
insert into seen_booking
select try_cast(split_part(row_key, '/', 1) as uuid), null, null, null
from quarantine
where entity in ('booking', 'attendance', 'payment') and load_id in (from run_load);

insert into seen_session
select row_key from quarantine where entity = 'session' and load_id in (from run_load);

insert into seen_service
select try_cast(row_key as uuid) from quarantine where entity = 'service' and load_id in (from run_load);
