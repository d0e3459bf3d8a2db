-- Add the verdict against stored rows that have a staged row's id under another key.
-- Ids are unique: a stored row whose key and id both meet one staged row meets no other.
insert into judged_{entity}
select
    staged_row,
    record,
    met,
    case when {is_older} then 'stale' else 'loaded' end,
    false
from staged_{entity} as s
join (from met_{entity} where met not in (select met from judged_{entity} where is_own)) as t on t.id = s.id
where {other_key}
