-- Insert the marks in the order of their ids, as any load does.
insert into attendance by name
select *
from mark_row
order by id
