-- Judge as stale the staged attendance that was deleted, unless it was stated later than its deletion.
insert into judged_attendance (staged_row, record, verdict)
select s.staged_row, s.record, 'stale'
from staged_attendance as s
join deleted_attendance as d on d.id = s.id
where not stated_later(
    s.event_sequence, greatest(s.updated_at, $stated_at::timestamp), d.event_sequence, d.deleted_at
)
