-- The outcome of each record that was read and not set aside: a record counts as loaded when any of its rows is,
-- as stale when any is and none was loaded, as unchanged when the database has all of them, and as a duplicate
-- when all its rows repeat earlier ones of the file.
select
    count(*) filter (verdicts is not null and list_contains(verdicts, 'loaded')) as loaded,
    count(*) filter (verdicts is not null and not list_contains(verdicts, 'loaded')
        and not list_contains(verdicts, 'stale')) as unchanged,
    count(*) filter (verdicts is null) as duplicate,
    count(*) filter (verdicts is not null and not list_contains(verdicts, 'loaded')
        and list_contains(verdicts, 'stale')) as stale
from range($read::bigint) as r(record)
left join (select record, list(distinct verdict) as verdicts from verdict group by record) as v using (record)
where record not in (select record from set_aside)
