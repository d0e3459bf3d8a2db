create schema if not exists internal;

create table if not exists site (
    time_zone varchar not null,
    grace_hours bigint not null,
    late_hours bigint not null,
    currency varchar,
    schema_version bigint not null,
    noshow_version varchar not null,
    generation bigint not null,
    database_id uuid not null,
    prices map(varchar, decimal(18,4)) not null default map {},
    min_bookings bigint not null default 10,
    secret_check varchar not null default ''
);
comment on table site is 'Settings of the whole database, one row';
comment on column site.time_zone is 'IANA zone used if a session names none';
comment on column site.grace_hours is 'hours after its end until a session is due';
comment on column site.late_hours is 'a cancellation this near to the start is late';
comment on column site.currency is 'currency of the site, if set';
comment on column site.schema_version is 'version of tables and views';
comment on column site.noshow_version is 'version of noshow that wrote last';
comment on column site.database_id is 'identifies the database; cursors of another one are refused';
comment on column site.prices is 'price per participant by service name or id in lower case, for bookings without a price';
comment on column site.min_bookings is 'groups with fewer marked bookings are shown without a rate';
comment on column site.secret_check is 'recognises the secret of the database, and does not give it away';
comment on column site.generation is 'grows with each change; a snapshot of a lower one is published again';

create table if not exists load_ledger (
    load_id bigint not null,
    file varchar not null,
    kind varchar not null,
    sha256 varchar not null,
    treatment varchar not null,
    bytes bigint not null,
    read bigint not null,
    loaded bigint not null,
    unchanged bigint not null,
    duplicate bigint not null,
    stale bigint not null,
    quarantined bigint not null,
    ignored_fields map(varchar, bigint),
    warnings varchar[],
    started_at timestamp not null,
    finished_at timestamp not null,
    noshow_version varchar not null,
    retried bigint not null default 0,
    discarded bigint not null default 0,
    header varchar,
    mapping varchar,
    replaced bigint not null default 0,
    superseded bigint not null default 0,
    unloaded_at timestamp,
    distinct_keys map(varchar, bigint),
    left_out bigint not null default 0,
    is_final boolean not null default false
);
comment on table load_ledger is 'One row per loaded file: read = loaded + unchanged + duplicate + left_out + stale + quarantined';
comment on column load_ledger.load_id is 'number of the load';
comment on column load_ledger.file is 'path as it was given';
comment on column load_ledger.kind is 'kind of the records';
comment on column load_ledger.sha256 is 'hash of the file''s bytes';
comment on column load_ledger.treatment is 'hash of the options and settings that affect the outcome: kind, encoding, mapping and more; then of the columns of the tables';
comment on column load_ledger.bytes is 'size of the file';
comment on column load_ledger.read is 'records read';
comment on column load_ledger.loaded is 'records that were new or newer';
comment on column load_ledger.unchanged is 'records the database had already';
comment on column load_ledger.duplicate is 'records that repeat another of the file';
comment on column load_ledger.stale is 'records older than those the database has';
comment on column load_ledger.quarantined is 'records set aside, to be found in quarantine';
comment on column load_ledger.ignored_fields is 'fields that noshow does not know, with how often they occurred';
comment on column load_ledger.warnings is 'oddities of the file';
comment on column load_ledger.started_at is 'start of the load, UTC';
comment on column load_ledger.finished_at is 'end of the load, UTC';
comment on column load_ledger.noshow_version is 'version of noshow that loaded it';
comment on column load_ledger.retried is 'records that left quarantine again: their outcome is counted by a later load';
comment on column load_ledger.discarded is 'records that were taken out of quarantine for good';
comment on column load_ledger.header is 'columns of a flat file, as a line of CSV, to read its quarantined rows by';
comment on column load_ledger.mapping is 'mapping that the file was read with, if any';
comment on column load_ledger.replaced is 'of the loaded: undated records that replaced records of another file';
comment on column load_ledger.superseded is 'records that left quarantine because a later load brought them again';
comment on column load_ledger.unloaded_at is 'when the load was taken back, UTC; its counts stay as they were';
comment on column load_ledger.distinct_keys is 'different bookings, sessions and other things in the file';
comment on column load_ledger.left_out is 'records that the conditions of the mapping leave out';
comment on column load_ledger.is_final is 'whether the load can no longer be taken back, since rows that it replaced are not kept any more';

create table if not exists quarantine (
    load_id bigint not null,
    file varchar not null,
    kind varchar not null,
    record bigint not null,
    line bigint,
    index bigint,
    rule varchar not null,
    reason_code varchar not null,
    pointer varchar not null,
    message varchar not null,
    also_broken varchar[],
    raw varchar not null,
    raw_bytes bigint not null,
    raw_sha256 varchar not null,
    quarantined_at timestamp not null,
    entity varchar,
    row_key varchar,
    value varchar
);
comment on table quarantine is 'Records set aside, one row each, with the rule they break and the record as it was';
comment on column quarantine.load_id is 'the load that met the record';
comment on column quarantine.file is 'path as it was given';
comment on column quarantine.kind is 'kind of the records';
comment on column quarantine.record is 'number of the record in the file, from 0';
comment on column quarantine.line is 'line it starts on, from 1, if the file has lines';
comment on column quarantine.index is 'place in the array, from 0, if the file or line is an array';
comment on column quarantine.rule is 'the first rule it breaks';
comment on column quarantine.reason_code is 'the rule as messages and programs name it';
comment on column quarantine.pointer is 'JSON pointer to the field at fault';
comment on column quarantine.message is 'the rule in words';
comment on column quarantine.also_broken is 'further rules it breaks, with their pointers';
comment on column quarantine.raw is 'the record as it was, cut at 64 KiB; empty if it mentions an erased contact';
comment on column quarantine.raw_bytes is 'size of the whole record';
comment on column quarantine.raw_sha256 is 'hash of the whole record';
comment on column quarantine.quarantined_at is 'moment of the load, UTC';
comment on column quarantine.entity is 'entity of the record, if its key can be read: booking, attendance and so on';
comment on column quarantine.row_key is 'its key, by which a later valid record takes it out of quarantine';
comment on column quarantine.value is 'the value at fault, cut at 200 characters';

create table if not exists load_finding (
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

create table if not exists internal.replaced_row (
    entity varchar not null,
    row_key varchar not null,
    load_id bigint not null,
    replaced_by bigint not null,
    content varchar not null
);
comment on table internal.replaced_row is 'Rows and quarantined records as they were before a later load replaced or removed them, so that the load can be taken back';
comment on column internal.replaced_row.entity is 'the table; quarantine for a quarantined record';
comment on column internal.replaced_row.row_key is 'key of the row; load/record for a quarantined record';
comment on column internal.replaced_row.load_id is 'the load that brought this version';
comment on column internal.replaced_row.replaced_by is 'the load that replaced or removed it';
comment on column internal.replaced_row.content is 'the row as a JSON object';

create table if not exists participant_notification (
    booking_id uuid not null,
    session_key varchar not null,
    notify_participants boolean not null,
    message varchar,
    requested_at timestamp not null
);
comment on table participant_notification is 'Notifications asked for with a mark, for whoever sends messages: noshow sends none';
comment on column participant_notification.booking_id is 'the booking marked';
comment on column participant_notification.session_key is 'the session marked';
comment on column participant_notification.notify_participants is 'whether to notify the participants';
comment on column participant_notification.message is 'message to the participants, if given';
comment on column participant_notification.requested_at is 'moment of the request, UTC';

create table if not exists internal.table_state (
    table_name varchar not null,
    row_count bigint not null,
    hash_xor ubigint not null,
    hash_sum hugeint not null,
    engine varchar not null
);
comment on table internal.table_state is 'The hash that the content of each table must have, updated with every change; noshow doctor compares';
comment on column internal.table_state.table_name is 'the table';
comment on column internal.table_state.row_count is 'number of its rows';
comment on column internal.table_state.hash_xor is 'bit_xor(hash(row)) over its rows, 0 for none';
comment on column internal.table_state.hash_sum is 'sum(hash(row)) over its rows, 0 for none';
comment on column internal.table_state.engine is 'version of DuckDB that hashed: another one may hash differently';

create table if not exists internal.erased_contact (
    contact_hash varchar not null,
    erased_at timestamp not null
);
comment on table internal.erased_contact is 'Contacts that were erased, by slow keyed hash, so that a later export does not bring them back';
comment on column internal.erased_contact.contact_hash is 'hash of the contact''s id, or of a booking id, e-mail or phone number of theirs: tag:scrypt';
comment on column internal.erased_contact.erased_at is 'when, UTC';

create table if not exists internal.risk_model (
    trained_at timestamp not null,
    as_of timestamp not null,
    is_licensed boolean not null,
    card varchar not null
);
comment on table internal.risk_model is 'The model of no-shows, one row if one was trained: it ranks bookings only if it is licensed';
comment on column internal.risk_model.trained_at is 'when it was trained, UTC';
comment on column internal.risk_model.as_of is 'the moment whose records it was trained on, UTC; views of an earlier moment do without it';
comment on column internal.risk_model.is_licensed is 'whether it was better than the rates of groups on bookings that it had not seen';
comment on column internal.risk_model.card is 'the model card as a JSON object: data, period, features, figures, limits';

create table if not exists internal.risk_weight (
    feature varchar not null,
    level varchar not null,
    weight double not null
);
comment on table internal.risk_weight is 'The weights of the model: log odds of a no-show, summed over the features of a booking';
comment on column internal.risk_weight.feature is 'facts known of a booking before its session; intercept for every booking';
comment on column internal.risk_weight.level is 'the level of the feature; empty for the intercept and for a feature that is a number';
comment on column internal.risk_weight.weight is 'log odds that the level adds, or that the number adds for each unit';

create table if not exists call_list (
    booking_id uuid not null,
    session_id varchar not null,
    contact_id varchar not null,
    starts_at timestamp not null,
    arm varchar not null,
    hold_back double not null,
    seed bigint,
    ordering varchar not null,
    no_show_chance double,
    listed_at timestamp not null,
    reported_at timestamp,
    is_reached boolean
);
comment on table call_list is 'Bookings on lists of calls, each once: to be called, or held back so that the effect of calls is known';
comment on column call_list.booking_id is 'the booking';
comment on column call_list.session_id is 'the session of it that the call reminds of';
comment on column call_list.contact_id is 'who booked: all bookings of a contact are in one arm';
comment on column call_list.starts_at is 'start of the session when the booking was listed, UTC';
comment on column call_list.arm is 'call or held_back';
comment on column call_list.hold_back is 'the share held back when the arm of the contact was drawn; 0 if nothing was drawn';
comment on column call_list.seed is 'the seed that the arm was drawn with; null if nothing was drawn';
comment on column call_list.ordering is 'the order that the booking was chosen in: middle, risk or soonest';
comment on column call_list.no_show_chance is 'its chance of a no-show when it was listed';
comment on column call_list.listed_at is 'when it was listed first, UTC';
comment on column call_list.reported_at is 'when the call was last reported as done, UTC; null if it was not';
comment on column call_list.is_reached is 'whether somebody was reached, if that was reported';
