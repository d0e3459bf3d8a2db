alter table load_ledger add column retried bigint default 0;
alter table load_ledger alter column retried set not null;
comment on column load_ledger.retried is 'records that left quarantine again: their outcome is counted by a later load';

alter table load_ledger add column discarded bigint default 0;
alter table load_ledger alter column discarded set not null;
comment on column load_ledger.discarded is 'records that were taken out of quarantine for good';

alter table load_ledger add column header varchar;
comment on column load_ledger.header is 'columns of a flat file, as a line of CSV, to read its quarantined rows by';

alter table load_ledger add column mapping varchar;
comment on column load_ledger.mapping is 'mapping that the file was read with, if any';

create table table_state (
    table_name varchar not null,
    row_count bigint not null,
    hash_xor ubigint not null,
    hash_sum hugeint not null,
    engine varchar not null
);
comment on table table_state is 'The hash that the content of each table must have, updated with every change; noshow doctor compares';
comment on column table_state.table_name is 'the table';
comment on column table_state.row_count is 'number of its rows';
comment on column table_state.hash_xor is 'bit_xor(hash(row)) over its rows, 0 for none';
comment on column table_state.hash_sum is 'sum(hash(row)) over its rows, 0 for none';
comment on column table_state.engine is 'version of DuckDB that hashed: another one may hash differently';

create table erased_contact (
    contact_hash varchar not null,
    erased_at timestamp not null
);
comment on table erased_contact is 'Contacts that were erased, by keyed hash, so that a later export does not bring them back';
comment on column erased_contact.contact_hash is 'keyed hash of the contact''s id, or of a booking id, e-mail or phone number of theirs';
comment on column erased_contact.erased_at is 'when, UTC';

comment on column quarantine.raw is 'the record as it was, cut at 64 KiB; empty if it mentions an erased contact';
