alter table attendance add column event_sequence decimal(20, 0);
comment on column attendance.event_sequence is 'orders the events of the attendance, where one brought this version';

create table anonymize_request (
    id uuid not null,
    booking_id uuid,
    requested_at timestamp not null,
    load_id bigint not null
);
comment on table anonymize_request is 'Attendance whose person asked the source to be forgotten: the contact of its booking is erased';
comment on column anonymize_request.id is 'id of the attendance';
comment on column anonymize_request.booking_id is 'the booking, as soon as it is known';
comment on column anonymize_request.requested_at is 'when the source told it, UTC';
comment on column anonymize_request.load_id is 'the load that brought this version';

create table deleted_attendance (
    id uuid not null,
    deleted_at timestamp not null,
    event_sequence decimal(20, 0),
    load_id bigint not null
);
comment on table deleted_attendance is 'Attendance deleted at the source: an older export does not bring it back';
comment on column deleted_attendance.id is 'id of the attendance';
comment on column deleted_attendance.deleted_at is 'when it was gone at the source, UTC';
comment on column deleted_attendance.event_sequence is 'orders the events of the attendance';
comment on column deleted_attendance.load_id is 'the load that brought this version';

-- Comments of earlier versions in the words of today.
comment on table site is 'Settings of the whole database, one row';
comment on column site.time_zone is 'IANA zone used if a session names none';
comment on column site.currency is 'currency of the site, if set';
comment on column site.database_id is 'identifies the database; cursors of another one are refused';
comment on column site.prices is 'price per participant by service name or id in lower case, for bookings without a price';
comment on column site.min_bookings is 'groups with fewer marked bookings are shown without a rate';
comment on column site.generation is 'grows with each change; a snapshot of a lower one is published again';
comment on table load_ledger is 'One row per loaded file: read = loaded + unchanged + duplicate + stale + quarantined';
comment on column load_ledger.kind is 'kind of the records';
comment on column load_ledger.treatment is 'hash of the options and settings that affect the outcome: kind, encoding, mapping and more';
comment on column load_ledger.stale is 'records older than those the database has';
comment on column load_ledger.warnings is 'oddities of the file';
comment on column load_ledger.retried is 'records that left quarantine again: their outcome is counted by a later load';
comment on column load_ledger.mapping is 'mapping that the file was read with, if any';
comment on column quarantine.kind is 'kind of the records';
comment on column quarantine.line is 'line it starts on, from 1, if the file has lines';
comment on column quarantine.index is 'place in the array, from 0, if the file or line is an array';
comment on column quarantine.raw is 'the record as it was, cut at 64 KiB; empty if it mentions an erased contact';
comment on column quarantine.quarantined_at is 'moment of the load, UTC';
comment on column participant_notification.notify_participants is 'whether to notify the participants';
comment on column participant_notification.message is 'message to the participants, if given';
comment on column participant_notification.requested_at is 'moment of the request, UTC';
comment on table table_state is 'The hash that the content of each table must have, updated with every change; noshow doctor compares';
comment on column table_state.row_count is 'number of its rows';
comment on column table_state.engine is 'version of DuckDB that hashed: another one may hash differently';
