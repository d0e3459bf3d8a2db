-- The stored rows that give way to a row that is loaded, because of its key or its id: met, hash.
create or replace temp table replaced_{entity} as
select
    met,
    hash
from met_{entity}
where met in (select met from judged_{entity} where staged_row in ({loaded}))
