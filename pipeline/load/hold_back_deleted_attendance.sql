-- Judge as stale the staged deletions of attendance that is stored and was stated later.
insert into judged_deleted_attendance (staged_row, record, verdict)
select d.staged_row, d.record, 'stale'
from staged_deleted_attendance as d
join attendance as s on s.id = d.id
where stated_later(s.event_sequence, s.updated_at, d.event_sequence, d.deleted_at)
