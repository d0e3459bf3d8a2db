-- Bring back the rows that nothing else has taken the place of, as they were.
insert into {entity} (
    {columns},
    load_id
)
select
    {from_content},
    h.load_id
from ended_{entity} as e
join internal.replaced_row as h on h.rowid = e.place
where e.next is null
