-- One row if any key is staged more than once.
select 1
from staged_{entity}
group by {key}
having count(*) > 1
limit 1
