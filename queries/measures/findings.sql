-- The oddities of records that the newest load of each file brought, the newest load first.
select
    f.load_id,
    l.file,
    f.finding,
    f.place,
    f.value,
    f.records
from load_finding as f
join (
    select load_id, file
    from load_ledger
    where unloaded_at is null and kind <> 'mark' and not starts_with(treatment, 'retry of load')
    qualify row_number() over (partition by file order by load_id desc) = 1
) as l using (load_id)
order by f.load_id desc, f.finding, f.place, f.records desc, f.value
