-- Copy the marks that give way to the history of rows, see pipeline/load/merging/keep_history.sql.
insert into replaced_row (entity, row_key, load_id, replaced_by, content)
select
    'attendance',
    {row_key},
    load_id,
    replaced_by,
    to_json(struct_pack({content}))::varchar
from attendance
join replaced_mark as r on r.met = attendance.rowid
where load_id <> replaced_by
