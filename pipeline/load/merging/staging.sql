-- An empty temporary table: the record's number and the entity's columns.
create or replace temp table staged_{entity} (
    record bigint,
    {typed_columns}
)
