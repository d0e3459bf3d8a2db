-- One row if any row of the table holds any of the texts, in any case. A value of any type is part of the text of its
-- row. There a quote is written with a backslash, as in {{'name': 'Pat O\'Neil'}}.
select 1
from
    (select lower(replace(whole_row::varchar, $$\'$$, $$'$$)) as held from {table} as whole_row),
    (select unnest($texts::varchar[]) as sought)
where contains(held, lower(sought))
limit 1
