-- An empty temporary table: the number of the row, that of its record, and the entity's columns. A record may feed
-- several rows of one entity: a line of a register feeds a booking for each of its sessions.
create or replace temp table staged_{entity} (
    staged_row bigint,
    record bigint,
    {typed_columns}
)
