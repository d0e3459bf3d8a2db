-- One row if a row that was loaded has the key of a stored row that stays. There must be none.
select 1
from met_{entity}
where met not in (select met from replaced_{entity})
    and ({key}) in (select ({key}) from staged_{entity} where staged_row in ({loaded}))
limit 1
