-- The rows to store, each with the number of its load.
create or replace temp table mark_row as
select unnest($rows::struct({columns}, load_id bigint)[], recursive := true)
