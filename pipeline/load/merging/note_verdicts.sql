-- Add one verdict for each staged row: record, entity, verdict.
-- A row that meets no stored one is loaded. Of several verdicts stale outweighs loaded, and loaded unchanged.
insert into verdict (staged_row, record, entity, verdict)
select
    staged_row,
    record,
    '{entity}',
    case
        when j.stale then 'stale'
        when j.staged_row is null or j.loaded then 'loaded'
        else 'unchanged'
    end
from staged_{entity}
left join (
    select
        staged_row,
        bool_or(verdict = 'stale') as stale,
        bool_or(verdict = 'loaded') as loaded
    from judged_{entity}
    group by staged_row
) as j using (staged_row)
