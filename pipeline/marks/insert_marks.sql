-- Insert the marks, each with the number of its load, in the order of their ids, as any load does.
insert into attendance by name
select *
from (
    select unnest($rows::struct({columns}, load_id bigint)[], recursive := true)
)
order by id
