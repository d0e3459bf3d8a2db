-- Copy the stored rows that give way to the history of rows that the load replaces, see keep_history.sql. They were read
-- whole before, and are not read once more: in a large table that takes longer than all else of a small load.
insert into internal.replaced_row (entity, row_key, load_id, replaced_by, content)
select
    '{entity}',
    {row_key},
    brought_by,
    $load_id,
    to_json(struct_pack({content}))::varchar
from met_{entity}
where met in (select met from replaced_{entity})
    and brought_by <> $load_id
