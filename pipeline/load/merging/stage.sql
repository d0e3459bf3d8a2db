-- Add the rows offered as `valid_<entity>`.
insert into staged_{entity} (
    staged_row,
    record,
    {columns}
)
select
    staged_row,
    record,
    {cast_columns}
from valid_{entity}
