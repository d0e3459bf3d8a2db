-- Quarantined records that fit every choice, by rule and field, with up to three example values each.
select
    rule,
    pointer,
    count(*) as records,
    coalesce((list(distinct value order by value) filter (where value is not null))[1:3], []) as examples,
    min(message) as message
from quarantine
where ($names::varchar[] is null or list_contains($names::varchar[], load_id || ':' || record))
    and ($load::bigint is null or load_id = $load)
    and ($rule::varchar is null or rule = $rule)
    and ($kind::varchar is null or list_contains(string_split(kind, '+'), $kind))
    and ($file::varchar is null or contains(file, $file))
group by rule, pointer
order by records desc, rule, pointer
