-- The outcome of each record that was read and not set aside: a record counts as loaded when any of its rows is,
-- as stale when any is and none was loaded, as unchanged when the database has all of them, and as a duplicate
-- when all its rows repeat earlier ones of the file.
select
    count(*) filter (list_contains(verdicts, 'loaded')) as loaded,
    count(*) filter (not list_contains(verdicts, 'loaded') and not list_contains(verdicts, 'stale')) as unchanged,
    $read::bigint - count(*) - (select count(distinct record) from set_aside) as duplicate,
    count(*) filter (not list_contains(verdicts, 'loaded') and list_contains(verdicts, 'stale')) as stale
from (
    select record, list(distinct verdict) as verdicts
    from verdict
    where record not in (select record from set_aside)
    group by record
)
