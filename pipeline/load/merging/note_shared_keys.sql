-- The records of staged rows that share a key, before repeats of rows are dropped.
create or replace temp table shared_key as
select record, {key}
from staged_{entity}
qualify count(*) over (partition by {key}) > 1
