-- Set aside all but the latest of the rows that share a key: record, rule.
-- Rows are ordered by the first version column that all of them have. If none is, or if the latest is not alone,
-- nothing says which row is right, and all of them are set aside.
--   key  revision  ->  rule
--   a    1             superseded
--   a    2             (stays)
--   b    null          duplicate_conflict
--   b    null          duplicate_conflict
insert into set_aside
with
versioned as (
    select
        record,
        {key},
        count(*) over (partition by {key}) as rows,
        case
            {common_version}
        end as version
    from staged_{entity}
    qualify count(*) over (partition by {key}) > 1
),
ranked as (
    select
        *,
        max(version) over (partition by {key}) as latest,
        count(*) filter (version is null) over (partition by {key}) as undated
    from versioned
),
compared as (
    select
        *,
        count(*) filter (version = latest) over (partition by {key}) as latest_rows
    from ranked
)
select
    record,
    case when undated > 0 or latest_rows > 1 then 'duplicate_conflict' else 'superseded' end,
    ''
from compared
where undated > 0 or latest_rows > 1 or version < latest
