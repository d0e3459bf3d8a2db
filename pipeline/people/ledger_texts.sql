select load_id, file, header, warnings, map_keys(ignored_fields), map_values(ignored_fields)
from load_ledger
order by load_id
