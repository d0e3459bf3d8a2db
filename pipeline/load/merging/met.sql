-- The stored rows that staged ones may replace, by their key or their id: rowid as `met`, `hash`, `brought_by`, the columns.
-- They are looked up in one narrow column at a time before any row is read whole, and later statements read only them,
-- so that a small load stays fast however many rows the table has. Of a key of several columns the first one narrows
-- the search enough.
create or replace temp table met_{entity} as
select
    whole_row.rowid as met,
    hash(whole_row) as hash,
    load_id as brought_by,
    {columns}
from {entity} as whole_row
where whole_row.rowid in (
    {rows_with_a_staged_key}
)
