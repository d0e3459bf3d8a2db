-- Loads whose counts do not add up, or whose quarantined records are not all in quarantine, retried, discarded or
-- superseded.
select load_id, file
from load_ledger
left join (select load_id, count(*) as rows from quarantine group by load_id) as q using (load_id)
where read <> loaded + unchanged + duplicate + left_out + stale + quarantined
    or quarantined <> coalesce(q.rows, 0) + retried + discarded + superseded
order by load_id
