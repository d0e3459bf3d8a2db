-- The earlier versions of rows that the load replaced or removed: place in the history, key, content, and `next`: the
-- load that ends them once this one is taken back. It is null for those that come back.
--   loads 1, 2, 3 brought a key, and 2 is taken back  ->  the version of 1 is ended by 3
--   load 2 removed a key that 3 brought again         ->  the version of 1 is ended by 3
--   loads 1, 2 brought it                             ->  the version of 1 comes back
create or replace temp table ended_{entity} as
with
ended as (
    select rowid as place, row_key, load_id, content
    from internal.replaced_row
    where entity = '{entity}' and replaced_by = $load_id
),
later as (
    select row_key, replaced_by as next, 1 as preference
    from internal.replaced_row
    where entity = '{entity}' and load_id = $load_id
    union all
    select row_key, load_id, 2
    from internal.replaced_row
    where entity = '{entity}' and load_id > $load_id and row_key in (select row_key from ended)
    union all
    select {row_key}, load_id, 2
    from {entity}
    where load_id <> $load_id and {row_key} in (select row_key from ended)
    {blocked_by_id}
)
select
    e.place,
    e.row_key,
    e.content,
    (select l.next from later as l where l.row_key = e.row_key order by l.preference, l.next limit 1) as next
from ended as e
