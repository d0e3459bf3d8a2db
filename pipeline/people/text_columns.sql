-- The columns that hold free text, by table. Enums are left out: none of their words can identify anyone.
select if(schema_name = 'main', '', schema_name || '.') || table_name as place, list(column_name order by column_index)
from duckdb_columns()
where not internal
    and database_name = current_database()
    and (schema_name, table_name) in (
        select (schema_name, table_name) from duckdb_tables() where database_name = current_database()
    )
    and (data_type = 'VARCHAR' or data_type like 'VARCHAR[%' or data_type like 'MAP(VARCHAR%')
group by place
order by place
