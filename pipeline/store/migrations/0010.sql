create table payment (
    id uuid,
    booking_id uuid not null,
    order_id varchar,
    order_status varchar,
    payment_status varchar,
    total decimal(18, 4),
    balance decimal(18, 4),
    paid decimal(18, 4),
    refunded decimal(18, 4),
    currency varchar,
    has_fee_policy boolean,
    fee_status varchar,
    updated_at timestamp,
    revision bigint,
    load_id bigint not null
);
comment on table payment is 'Money of bookings: the order of each, and whether its policy has a fee';
comment on column payment.id is 'id of the payment; that of its booking where the source gives none';
comment on column payment.booking_id is 'the booking';
comment on column payment.order_id is 'the order that the amounts are of; null: the booking alone';
comment on column payment.order_status is 'status of the order, in the source''s own word';
comment on column payment.payment_status is 'payment status of the order, in the source''s own word';
comment on column payment.total is 'price of the order after discounts and tax, with fees that were applied to it';
comment on column payment.balance is 'rest to pay of the order; below 0 it is to be refunded';
comment on column payment.paid is 'amount paid, refunds not taken off, if the source states it';
comment on column payment.refunded is 'amount refunded, if the source states it';
comment on column payment.currency is 'currency of the amounts';
comment on column payment.has_fee_policy is 'whether the booking''s policy has a fee';
comment on column payment.fee_status is 'status of the booking''s fee as the order has it, in the source''s own word';
comment on column payment.updated_at is 'last change of the booking at the source, UTC';
comment on column payment.revision is 'revision of the booking at the source';
comment on column payment.load_id is 'the load that brought this version';

create table fee (
    id uuid,
    booking_id uuid not null,
    amount decimal(18, 4) not null,
    currency varchar,
    status varchar not null,
    trigger varchar not null,
    collected decimal(18, 4),
    waived decimal(18, 4),
    updated_at timestamp,
    load_id bigint not null
);
comment on table fee is 'Fees for bookings that were missed or cancelled too late';
comment on column fee.id is 'id of the fee; made from booking and trigger where the source gives none';
comment on column fee.booking_id is 'the booking';
comment on column fee.amount is 'amount that the customer has to pay';
comment on column fee.currency is 'currency of the amounts';
comment on column fee.status is 'PREVIEW, NOT_YET_APPLIED_TO_ORDER, APPLIED_TO_ORDER, or UNKNOWN_STATUS: no order is known';
comment on column fee.trigger is 'NOT_ATTENDED, also cancelled after the last window; BOOKING_CANCELED; or UNKNOWN_TRIGGER';
comment on column fee.collected is 'amount of it that was collected, if the source states it';
comment on column fee.waived is 'amount of it that was waived, if the source states it';
comment on column fee.updated_at is 'last change at the source, UTC, if it is known';
comment on column fee.load_id is 'the load that brought this version';

create schema internal;

create table internal.table_state (
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
insert into internal.table_state by name from main.table_state;
drop table main.table_state;

create table internal.replaced_row (
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
insert into internal.replaced_row by name from main.replaced_row;
drop table main.replaced_row;

create table internal.erased_contact (
    contact_hash varchar not null,
    erased_at timestamp not null
);
comment on table internal.erased_contact is 'Contacts that were erased, by slow keyed hash, so that a later export does not bring them back';
comment on column internal.erased_contact.contact_hash is 'hash of the contact''s id, or of a booking id, e-mail or phone number of theirs: tag:scrypt';
comment on column internal.erased_contact.erased_at is 'when, UTC';
insert into internal.erased_contact by name from main.erased_contact;
drop table main.erased_contact;

create table internal.risk_model (
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
insert into internal.risk_model by name from main.risk_model;
drop table main.risk_model;

create table internal.risk_weight (
    feature varchar not null,
    level varchar not null,
    weight double not null
);
comment on table internal.risk_weight is 'The weights of the model: log odds of a no-show, summed over the features of a booking';
comment on column internal.risk_weight.feature is 'facts known of a booking before its session; intercept for every booking';
comment on column internal.risk_weight.level is 'the level of the feature; empty for the intercept and for a feature that is a number';
comment on column internal.risk_weight.weight is 'log odds that the level adds, or that the number adds for each unit';
insert into internal.risk_weight by name from main.risk_weight;
drop table main.risk_weight;
