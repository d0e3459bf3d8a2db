-- The stored rows with the id of a staged one: rowid as `met`, `hash`, `brought_by`, the columns.
-- They are looked up in one narrow column before any row is read whole, and later statements read only them, so that a
-- small load stays fast however many rows the table has.
create or replace temp table met_{entity} as
select
    whole_row.rowid as met,
    hash(whole_row) as hash,
    load_id as brought_by,
    {columns}
from {entity} as whole_row
where whole_row.rowid in (
    select rowid from {entity} where id in (select id from staged_{entity})
)
