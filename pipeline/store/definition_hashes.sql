-- A hash of each view and macro of the connection's own database, as a row of `table_state`.
-- In small letters, without the order of the names after EXCLUDE, and with `timestamp` for `timestamp_us`: after the
-- file is opened again, DuckDB writes types in capitals, those names in another order and this type by its other name.
with definition (name, written) as (
    select view_name, sql
    from duckdb_views()
    where not internal and database_name = current_database()
    union all
    select function_name, concat(parameters::varchar, macro_definition)
    from duckdb_functions()
    where not internal and database_name = current_database()
),

alike as (
    select name, replace(lower(written), 'timestamp_us', 'timestamp') as sql from definition
),

hashed as (
    select
        name,
        hash(
            name,
            regexp_replace(sql, 'exclude \([^)]*\)', '', 'g'),
            list_sort(regexp_extract_all(sql, '\w+'))
        ) as h
    from alike
)

select 'definition of ' || name, count(*), bit_xor(h), sum(h::hugeint), $engine
from hashed
group by name
