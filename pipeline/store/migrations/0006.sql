alter table load_ledger add column left_out bigint default 0;
alter table load_ledger alter column left_out set not null;
comment on column load_ledger.left_out is 'records that the conditions of the mapping leave out';
alter table load_ledger add column is_final boolean default false;
alter table load_ledger alter column is_final set not null;
comment on column load_ledger.is_final is 'whether the load can no longer be taken back, since rows that it replaced are not kept any more';

comment on table load_ledger is 'One row per loaded file: read = loaded + unchanged + duplicate + left_out + stale + quarantined';
comment on column load_ledger.treatment is 'hash of the options and settings that affect the outcome: kind, encoding, mapping and more; then of the columns of the tables';
comment on table replaced_row is 'Rows and quarantined records as they were before a later load replaced or removed them, so that the load can be taken back';
comment on column replaced_row.entity is 'the table; quarantine for a quarantined record';
comment on column replaced_row.row_key is 'key of the row; load/record for a quarantined record';

-- Views and macros are made again after this; these are no longer among them.
drop macro if exists normal_tail;
drop macro if exists normal_tail_above;
