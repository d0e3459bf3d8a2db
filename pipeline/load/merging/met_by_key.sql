-- Add the stored rows with the key of a staged one under another id.
-- Keys are unique: a staged row that met its own key by its id meets no other, and is not looked up again. Of a key of
-- several columns the first one narrows the search enough.
insert into met_{entity}
select
    whole_row.rowid,
    hash(whole_row),
    load_id,
    {columns}
from {entity} as whole_row
where whole_row.rowid in (
    select rowid from {entity}
    where {first_of_key} in (
        select {first_of_key} from staged_{entity} as s
        where not exists (select 1 from met_{entity} as t where t.id = s.id and {same_key})
    )
)
and whole_row.rowid not in (select met from met_{entity})
