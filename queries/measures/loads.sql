-- The fate of the records of each load. Records that left quarantine to be read once more, retried, count in the load
-- that read them last, so that the sum over all loads has every record once.
select
    load_id, file, kind, read - retried as read, loaded, unchanged, duplicate, stale,
    quarantined - retried - discarded as quarantined, discarded, finished_at
from load_ledger
order by load_id desc
