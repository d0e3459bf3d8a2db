-- The values that did not count, by column: place, value, records.
select
    place,
    value,
    sum(records)::bigint as records
from (
    select
        t.records,
        unnest([{differing}], recursive := true)
    from described_{entity} as t
    join described_{entity} as s on {same_key}
    where s.is_taken and not t.is_taken and t.is_doubtful
)
where differs
group by place, value
order by place, value
