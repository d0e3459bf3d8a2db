-- The tables of the connection's own database, each quoted with its schema: anybody may have made them.
select '"' || replace(schema_name, '"', '""') || '"."' || replace(table_name, '"', '""') || '"'
from duckdb_tables()
where database_name = current_database() and not internal
