-- The stored rows that give way, by number, and the load whose mark takes their place.
create or replace temp table replaced_mark as
select unnest($replaced::struct(met bigint, replaced_by bigint)[], recursive := true)
