-- The stored rows that give way, whole: their number, the load whose mark takes their place, and their hash.
create or replace temp table replaced_mark as
select r.met, r.replaced_by, hash(whole_row) as hash, whole_row.*
from attendance as whole_row
join (
    select unnest($replaced::struct(met bigint, replaced_by bigint)[], recursive := true)
) as r on r.met = whole_row.rowid
