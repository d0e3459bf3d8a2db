-- By entity and file, the records that took the place of records from a file of other bytes.
select
    r.entity,
    l.file,
    count(distinct r.record) as records
from replaced_undated as r
join load_ledger as l on l.load_id = r.brought_by
where l.sha256 <> $sha256
group by all
order by all
