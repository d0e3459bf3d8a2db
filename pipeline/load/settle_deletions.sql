-- If one file has an attendance and its deletion, the earlier of the two is stale.
insert into verdict (staged_row, record, entity, verdict)
select
    if(is_back, deletion_row, mark_row),
    if(is_back, deletion, mark),
    if(is_back, 'deleted_attendance', 'attendance'),
    'stale'
from (
    select
        s.record as mark,
        s.staged_row as mark_row,
        d.staged_row as deletion_row,
        d.record as deletion,
        stated_later(s.event_sequence, s.updated_at, d.event_sequence, d.deleted_at) as is_back
    from staged_attendance as s
    join staged_deleted_attendance as d on d.id = s.id
)
