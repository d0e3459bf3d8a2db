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
