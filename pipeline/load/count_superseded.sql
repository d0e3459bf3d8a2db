update load_ledger as l
set superseded = l.superseded + s.records
from (select load_id, count(*) as records from superseded_rows group by load_id) as s
where s.load_id = l.load_id
