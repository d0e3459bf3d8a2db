-- The quarantined records that the load took out of quarantine: place in the history, their load, and `next`: the load
-- that takes them out once this one is taken back. It is null for those that go back to quarantine.
--   loads 1, 2, 3 set the same line aside, and 2 is taken back             ->  the record of 1 is superseded by 3
--   load 1 set a booking aside, 2 and 3 brought it, and 2 is taken back    ->  the record of 1 is superseded by 3
--   load 1 set it aside, 2 brought it                                      ->  the record of 1 is in quarantine again
create or replace temp table ended_record as
with
kept as (
    select
        rowid as place,
        load_id,
        replaced_by,
        content ->> 'raw_sha256' as sha256,
        content ->> 'kind' as kind,
        content ->> 'entity' as about,
        content ->> 'row_key' as row_key
    from internal.replaced_row
    where entity = 'quarantine'
),
ended as (
    from kept where replaced_by = $load_id
),
same_content as (
    select sha256, kind, replaced_by as next, 1 as preference from kept where load_id = $load_id
    union all
    select sha256, kind, load_id, 2 from kept where load_id > $load_id
    union all
    select raw_sha256, kind, load_id, 2 from quarantine where load_id > $load_id
),
brought as (
    select entity, row_key, load_id as next from internal.replaced_row where load_id > $load_id
    {brought}
),
later as (
    select e.place, l.next, l.preference
    from ended as e
    join same_content as l using (sha256, kind)
    union all
    select e.place, b.next, 2
    from ended as e
    join brought as b on b.entity = e.about and b.row_key = e.row_key
)
select
    e.place,
    e.load_id,
    (select l.next from later as l where l.place = e.place order by l.preference, l.next limit 1) as next
from ended as e
