-- The columns that hold free text, by table. Enums are left out: none of their words can identify anyone.
select table_name, list(column_name order by column_index)
from duckdb_columns()
where not internal
    and database_name = current_database()
    and table_name in (select table_name from duckdb_tables() where database_name = current_database())
    and (data_type = 'VARCHAR' or data_type like 'VARCHAR[%' or data_type like 'MAP(VARCHAR%')
group by table_name
order by table_name
