-- Judge as stale all but the latest of the staged rows that share a key, in a file whose records are in order.
-- The latest has the highest sequence or version; without either, or between equals, it is the last in the file.
insert into verdict (staged_row, record, entity, verdict)
select
    staged_row,
    record,
    '{entity}',
    'stale'
from staged_{entity}
qualify row_number() over (partition by {key} order by {newest_first}record desc, staged_row desc) > 1
