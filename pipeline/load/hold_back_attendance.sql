-- An attendance that was deleted comes back only by what was said later.
insert into judged_attendance (record, verdict)
select s.record, 'stale'
from staged_attendance as s
join deleted_attendance as d on d.id = s.id
where not stated_later(
    s.event_sequence, greatest(s.updated_at, $stated_at::timestamp), d.event_sequence, d.deleted_at
)
