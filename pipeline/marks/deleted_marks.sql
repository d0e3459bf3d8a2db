-- When the marks of some ids were deleted.
select id::varchar, max(deleted_at)
from deleted_attendance
where id in (select unnest($ids::uuid[]))
group by id
