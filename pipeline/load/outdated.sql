-- Loads that can still be taken back, made so many days before the newest load of an earlier day than now.
-- Not before now itself: a clock that is wrong for a day must not make every load final.
create or replace temp table outdated_load as
select load_id
from load_ledger
where
    started_at < least(
        $now::timestamp, (select max(started_at) from load_ledger where started_at < date_trunc('day', $now::timestamp))
    ) - to_days($days::integer)
    and not is_final
