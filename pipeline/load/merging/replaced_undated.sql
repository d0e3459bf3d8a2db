-- Rows that take the place of a stored one although nothing says which of the two is newer: record, entity, and the
-- load that brought the stored one.
insert into replaced_undated
select
    j.record,
    '{entity}',
    t.brought_by
from judged_{entity} as j
join met_{entity} as t using (met)
join staged_{entity} as s on s.staged_row = j.staged_row
where j.verdict = 'loaded'
    and j.staged_row in ({loaded})
    and not ({is_dated})
