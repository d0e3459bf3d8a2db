-- Later loads that found records unchanged or stale because of records that this one may have brought.
select load_id, file
from load_ledger
where load_id > $load_id and unchanged + stale > 0 and unloaded_at is null
order by load_id
