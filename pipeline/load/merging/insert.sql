-- Insert the rows judged as loaded, in the order of their ids, so that pages and single rows are found quickly.
insert into {entity} (
    {columns},
    load_id
)
select
    {columns},
    $load_id
from staged_{entity}
where {chosen}
order by id
