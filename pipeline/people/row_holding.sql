-- One row if any row of the table holds any of the texts. A row is one JSON text, with values of any type in it.
-- A text may have a pattern that must be met as well, as a number that is not a part of a longer one.
select 1
from
    (select lower(to_json("all of a row")::varchar) as held from {table} as "all of a row"),
    (select unnest($sought::struct(text varchar, pattern varchar)[], recursive := true))
where contains(held, lower(text))
    and (pattern is null or regexp_matches(held, pattern))
limit 1
