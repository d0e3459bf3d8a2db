select load_id, file, kind, read, loaded, unchanged, duplicate, stale, quarantined, finished_at
from load_ledger
order by load_id desc
