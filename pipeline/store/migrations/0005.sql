alter table booking add column marks varchar;
comment on column booking.marks is 'marks that the source records: both, no_shows, arrivals or default; null is both';
alter table booking add column weight bigint;
comment on column booking.weight is 'bookings that the row stands for; null is 1';
alter table booking add column cancellation varchar;
comment on column booking.cancellation is 'kind of cancellation in the source''s own word: early, late, business or unknown';
alter table booking add column attributes varchar;
comment on column booking.attributes is 'named values of the booking, as a JSON object';
alter table attendance add column excused boolean;
comment on column attendance.excused is 'ill, injured or justified: neither attended nor a no-show; null means false';

alter table load_ledger add column replaced bigint default 0;
alter table load_ledger alter column replaced set not null;
comment on column load_ledger.replaced is 'of the loaded: undated records that replaced records of another file';
alter table load_ledger add column superseded bigint default 0;
alter table load_ledger alter column superseded set not null;
comment on column load_ledger.superseded is 'records that left quarantine because a later load brought them again';
alter table load_ledger add column unloaded_at timestamp;
comment on column load_ledger.unloaded_at is 'when the load was taken back, UTC; its counts stay as they were';
alter table load_ledger add column distinct_keys map(varchar, bigint);
comment on column load_ledger.distinct_keys is 'different bookings, sessions and other things in the file';

alter table quarantine add column entity varchar;
comment on column quarantine.entity is 'entity of the record, if its key can be read: booking, attendance and so on';
alter table quarantine add column row_key varchar;
comment on column quarantine.row_key is 'its key, by which a later valid record takes it out of quarantine';
alter table quarantine add column value varchar;
comment on column quarantine.value is 'the value at fault, cut at 200 characters';

create table load_finding (
    load_id bigint not null,
    finding varchar not null,
    place varchar not null,
    value varchar,
    records bigint not null
);
comment on table load_finding is 'Oddities that a load found in records that it loaded, one row per kind, place and value';
comment on column load_finding.load_id is 'the load';
comment on column load_finding.finding is 'kind of finding: unmet_value, described_differently, time_uncertain, replaced and so on';
comment on column load_finding.place is 'column or field it was found in';
comment on column load_finding.value is 'the value found, or the other file; null for all further ones';
comment on column load_finding.records is 'records it was found in';

create table replaced_row (
    entity varchar not null,
    row_key varchar not null,
    load_id bigint not null,
    replaced_by bigint not null,
    content varchar not null
);
comment on table replaced_row is 'Rows as they were before a later load replaced or removed them, so that the load can be taken back';
comment on column replaced_row.entity is 'the table';
comment on column replaced_row.row_key is 'key of the row';
comment on column replaced_row.load_id is 'the load that brought this version';
comment on column replaced_row.replaced_by is 'the load that replaced or removed it';
comment on column replaced_row.content is 'the row as a JSON object';

-- Ids made of names, if there is no other id. See `queries/views/names.sql`.
create or replace temp macro made_id(kind, name) as (
    select
        h[1:8] || '-' || h[9:12] || '-5' || h[14:16] || '-'
        || ['8', '9', 'a', 'b'][(instr('0123456789abcdef', h[17]) - 1) % 4 + 1] || h[18:20] || '-' || h[21:32]
    from (
        select sha1(unhex('6f1d3c520c5e5b0e9a442f6a3f6c1b7e') || encode(kind || '/' || name)) as h
    )
);
update booking set service_id = made_id('service', service_name)::uuid where service_id is null and service_name is not null;
update booking set location_id = made_id('location', location_name) where location_id is null and location_name is not null;
update booking set staff_id = made_id('staff', staff_name) where staff_id is null and staff_name is not null;
update session set service_id = made_id('service', service_name)::uuid where service_id is null and service_name is not null;
update session set location_id = made_id('location', location_name) where location_id is null and location_name is not null;
update session set staff_id = made_id('staff', staff_name) where staff_id is null and staff_name is not null;
drop macro made_id;
