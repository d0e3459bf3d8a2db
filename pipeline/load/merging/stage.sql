-- Add the rows offered as `valid_<entity>`.
insert into staged_{entity} (
    record,
    {columns}
)
select
    record,
    {cast_columns}
from valid_{entity}
