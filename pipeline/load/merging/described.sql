-- The descriptions of each session or service that rows of bookings describe in more than one way: the columns, in how
-- many records, whether it is the one that counts, and whether no version says so.
--   id  staff  records  ->  is_taken
--   a   Ana    9            true
--   a   Bob    1            false
create or replace temp table described_{entity} as
with
descriptions as (
    select
        {columns},
        count(distinct record) as records,
        min(record) as first_record
    from staged_{entity}
    where record in (select record from beside_{entity})
    group by all
),
several as (
    from descriptions
    qualify count(*) over (partition by {key}) > 1
),
versioned as (
    select
        *,
        case
            {common_version}
        end as version
    from several
)
select
    *,
    row_number() over (
        partition by {key} order by version desc nulls last, records desc, first_record
    ) = 1 as is_taken,
    version is null or version = max(version) over (partition by {key}) as is_doubtful
from versioned
