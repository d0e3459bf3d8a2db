-- The tables of the attached database that is looked into, each quoted with its schema: anybody may have made them.
select 'looked_into.' || array_to_string(
    ['"' || replace(name, '"', '""') || '"' for name in [schema_name, table_name]], '.'
)
from duckdb_tables()
where database_name = 'looked_into' and not internal
