-- Their loads no longer count them as superseded; as retried, if the load taken back was a retry of theirs.
update load_ledger as l
set superseded = l.superseded - if(b.is_retry, 0, b.records),
    retried = l.retried - if(b.is_retry, b.records, 0)
from (
    select
        e.load_id,
        count(*) as records,
        any_value(t.treatment) = 'retry of load ' || e.load_id as is_retry
    from ended_record as e
    cross join (select treatment from load_ledger where load_id = $load_id) as t
    where e.next is null
    group by e.load_id
) as b
where b.load_id = l.load_id
