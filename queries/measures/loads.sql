-- The fate of the records of each load that was not taken back. Records that left quarantine to be read once more,
-- retried, count in the load that read them last, so that the sum over all loads has every record once. Of the loaded,
-- `replaced` took the place of undated ones from another file; superseded ones left quarantine since a later load brought
-- them again.
select
    load_id, file, kind, read - retried as read, loaded, unchanged, duplicate, left_out, stale,
    quarantined - retried - discarded - superseded as quarantined, discarded, finished_at, replaced, superseded
from load_ledger
where unloaded_at is null
order by load_id desc
