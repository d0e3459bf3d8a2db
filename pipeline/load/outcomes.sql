-- The outcome of each record that was read and not set aside: a record counts as loaded when any of its rows is,
-- as stale when any is and none was loaded, as unchanged when the database has all of them, and as a duplicate
-- when all its rows repeat earlier ones of the file. `left_out` is the number of records of which no row came.
select
    count(*) filter (loaded) as loaded,
    count(*) filter (not loaded and not stale) as unchanged,
    $read::bigint - count(*) - (select count(distinct record) from set_aside) - $left_out::bigint as duplicate,
    $left_out::bigint as left_out,
    count(*) filter (not loaded and stale) as stale
from (
    select record, bool_or(verdict = 'loaded') as loaded, bool_or(verdict = 'stale') as stale
    from verdict
    where record not in (select record from set_aside)
    group by record
)
