-- Copy quarantined records to the history of rows that the load replaces. The caller adds the condition.
insert into internal.replaced_row (entity, row_key, load_id, replaced_by, content)
select
    'quarantine',
    load_id || '/' || record,
    load_id,
    $load_id,
    to_json(whole_row)::varchar
from quarantine as whole_row
where load_id <> $load_id
