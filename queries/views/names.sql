-- The id of a service, location or member of staff that the source gives a name and no id: the UUIDv5 of kind and name,
-- as the pipeline makes it when a record is loaded. A UUIDv5 is the start of a SHA-1 with its version (5) and variant
-- (8, 9, a or b) written in: RFC 9562, section 5.5.
create or replace macro id_of_name(kind, name) as (
    select
        h[1:8] || '-' || h[9:12] || '-5' || h[14:16] || '-'
        || ['8', '9', 'a', 'b'][(instr('0123456789abcdef', h[17]) - 1) % 4 + 1] || h[18:20] || '-' || h[21:32]
    from (
        select sha1(unhex('6f1d3c520c5e5b0e9a442f6a3f6c1b7e') || encode(kind || '/' || name)) as h
    )
);

-- The id unless it is made of the name: then another source of the same thing may know the id.
create or replace macro stated_id(kind, id, name) as nullif(id::varchar, id_of_name(kind, name));

comment on macro stated_id is 'An id that the source gave; null if it is made of the name';
comment on macro id_of_name is 'Id of a service, location or member of staff that has a name and no id of its own';
