-- Remove the records listed in the registered frame `erased_records` (load_id, record), and count those in quarantine as
-- discarded: a load's quarantined records are always those in quarantine + retried + discarded + superseded.
update load_ledger as l set discarded = l.discarded + e.records
from (
    select load_id, count(*) as records
    from quarantine
    where (load_id, record) in (select (load_id, record) from erased_records)
    group by load_id
) as e
where e.load_id = l.load_id;

delete from internal.replaced_row
where entity = 'quarantine' and row_key in (select load_id || '/' || record from erased_records);

delete from quarantine where (load_id, record) in (select (load_id, record) from erased_records);
