-- Oddities in records that were loaded, by kind and column; loads that were taken back are left out.
select
    f.finding,
    f.place,
    sum(f.records)::bigint as records,
    list(distinct f.value order by f.value) filter (f.value is not null) as found
from load_finding as f
join load_ledger as l using (load_id)
where l.unloaded_at is null
group by f.finding, f.place
order by f.finding, records desc, f.place
