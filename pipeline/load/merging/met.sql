-- The stored rows that staged ones may replace, by their key or their id: rowid as `met`, `hash`, the columns.
-- They are found in one narrow column each before any is read whole, and everything that follows reads only them,
-- however many rows the table has. Of a key of several columns the first narrows the search enough.
create or replace temp table met_{entity} as
select
    whole_row.rowid as met,
    hash(whole_row) as hash,
    {columns}
from {entity} as whole_row
where whole_row.rowid in (
    {rows_with_a_staged_key}
)
