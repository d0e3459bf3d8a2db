-- Copy the marks that give way to the history of rows, see pipeline/load/merging/keep_history.sql.
insert into internal.replaced_row (entity, row_key, load_id, replaced_by, content)
select
    'attendance',
    {row_key},
    load_id,
    replaced_by,
    to_json(struct_pack({content}))::varchar
from replaced_mark
where load_id <> replaced_by
