-- Copy stored rows to the history of rows that the load replaces. Every value is kept as a text, since numbers of JSON would
-- lose digits of money and of sequences. The caller adds the condition.
insert into internal.replaced_row (entity, row_key, load_id, replaced_by, content)
select
    '{entity}',
    {row_key},
    load_id,
    $load_id,
    to_json(struct_pack({content}))::varchar
from {entity}
where load_id <> $load_id
