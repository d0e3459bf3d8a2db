-- The verdict of a staged row against the stored row of its key: staged_row, record, met, verdict (loaded, unchanged or stale).
-- A row is stale if both versions are known and the stored one is later; an undated row is not known to be older.
-- `is_own`: the stored row has the same id as well.
create or replace temp table judged_{entity} as
select
    staged_row,
    record,
    met,
    case
        when {is_older} then 'stale'
        when {is_same} then 'unchanged'
        else 'loaded'
    end as verdict,
    t.id = s.id as is_own
from staged_{entity} as s
join met_{entity} as t on {same_key}
