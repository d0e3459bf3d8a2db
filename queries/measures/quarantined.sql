-- Quarantined records that fit every choice; a null choice fits all. With $raw also the texts that a retry reads.
select
    q.load_id || ':' || q.record as id,
    q.load_id,
    q.record,
    q.file,
    q.kind,
    q.line,
    q.index,
    q.rule,
    q.pointer,
    q.message,
    q.also_broken,
    q.raw_bytes,
    q.raw_sha256,
    q.quarantined_at,
    sha256(q.raw) = q.raw_sha256 as is_whole,
    l.mapping,
    case when $raw then l.header end as header,
    case when $raw then q.raw end as raw
from quarantine as q
left join load_ledger as l using (load_id)
where ($names::varchar[] is null or list_contains($names::varchar[], q.load_id || ':' || q.record))
    and ($load::bigint is null or q.load_id = $load)
    and ($rule::varchar is null or q.rule = $rule)
    and ($kind::varchar is null or list_contains(string_split(q.kind, '+'), $kind))
    and ($file::varchar is null or contains(q.file, $file))
order by q.load_id, q.record
