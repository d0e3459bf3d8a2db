-- The money of each booking that counts: its list value if it was missed or cancelled late, its order, and its fee. A fee
-- for a cancellation says that it was late by the site's own policy.
with
of_booking as (
    select
        part,
        booking_id,
        min(service) as service,
        min(local_start) as local_start,
        bool_or(is_missed) as is_missed,
        bool_or(coalesce(cancellation = 'late', false)) as is_late,
        bool_or(place = 'cancelled') as is_cancelled,
        bool_or(coalesce(outcome in ('attended', 'presumed_attended'), false)) as has_come,
        sum(case when is_missed then absent when cancellation = 'late' then booked end * weight * price) as list_value,
        sum(booked * weight * price) filter (place = 'cancelled') as cancelled_value,
        max(price) as price,
        max(weight) as weight,
        max(currency) as currency
    from facts
    group by part, booking_id
),
-- `eur` of one file and `EUR` of another are one currency.
money_of_booking as (
    select * replace (upper(trim(currency)) as currency) from payment
),
-- A booking has one fee. Of several the one furthest along counts, of these the one loaded last; a preview is none yet.
ranked_fee as (
    select
        *,
        first_value(currency) over fees_of_booking as counted_currency,
        row_number() over fees_of_booking as place
    from (
        select
            * replace (upper(trim(currency)) as currency),
            case status
                when 'APPLIED_TO_ORDER' then 3
                when 'NOT_YET_APPLIED_TO_ORDER' then 2
                when 'UNKNOWN_STATUS' then 1
                else 0
            end as stage
        from fee
    )
    window fees_of_booking as (partition by booking_id order by stage desc, load_id desc, id desc)
),
fee_of as (
    select
        booking_id,
        count(*) filter (stage > 0) as fees,
        -- Another of the fees may be the one that states them, but not one in another currency.
        max(collected) filter (stage > 0 and coalesce(currency = counted_currency, true)) as collected,
        max(waived) filter (stage > 0 and coalesce(currency = counted_currency, true)) as waived,
        any_value(struct_pack(amount := amount, currency := currency, status := status, trigger := trigger))
            filter (place = 1) as f
    from ranked_fee
    group by booking_id
),
-- Every booking of an order repeats the amounts of the whole order. The row that was loaded last counts for all of them.
order_of as (
    select
        coalesce(order_id, booking_id::varchar) as order_key,
        arg_max(
            struct_pack(
                status := status_of_payment,
                currency := currency,
                total := total,
                balance := balance,
                owed := case when upper(order_status) in ('CANCELED', 'CANCELLED', 'REJECTED') then 0
                    when status_of_payment = 'FULLY_REFUNDED' then 0
                    when balance is not null then greatest(balance, 0)
                    when status_of_payment = 'PAID' then 0
                    when status_of_payment = 'NOT_PAID' then total
                end,
                paid := paid,
                refunded := refunded
            ),
            struct_pack(load_id := load_id, booking_id := booking_id)
        ) as o
    from (select *, upper(payment_status) as status_of_payment from money_of_booking)
    group by coalesce(order_id, booking_id::varchar)
),
priced as (
    select
        order_key,
        o.currency,
        o.status,
        o.total,
        o.owed,
        -- An amount that a source states counts before one that follows from an order's status and balance.
        case when o.paid is not null then o.paid
            when o.status = 'NOT_PAID' then 0
            -- greatest passes over nulls: without a total 0 would have been paid.
            when o.status in ('PAID', 'PARTIALLY_PAID') and o.total - o.balance is not null
                then greatest(o.total - o.balance, 0)
            when o.status in ('PAID', 'FULLY_REFUNDED') then o.total
        end as paid,
        case when o.refunded is not null then o.refunded
            when o.status = 'FULLY_REFUNDED' then o.total
            when o.status in ('NOT_PAID', 'PAID', 'PARTIALLY_PAID') then 0
        end as refunded,
        case when o.paid is not null then 'stated' else 'order' end as paid_source,
        case when o.refunded is not null then 'stated' else 'order' end as refunded_source
    from order_of
)
select
    b.part,
    b.booking_id,
    b.service,
    b.local_start,
    b.is_missed,
    b.is_late,
    b.is_cancelled,
    b.has_come,
    b.weight,
    b.price,
    coalesce(b.currency, p.currency, f.f.currency, site.currency, '') as currency,
    coalesce(b.list_value, case when coalesce(f.fees, 0) > 0 then b.cancelled_value end) as list_value,
    o.order_key,
    -- An order has one currency, also if it covers bookings of two.
    case when o.order_key is not null
        then coalesce(o.currency, min(b.currency) over (partition by o.order_key), site.currency, '') end as order_currency,
    o.total as order_total,
    o.paid,
    o.owed,
    o.refunded,
    o.paid_source,
    o.refunded_source,
    coalesce(f.fees, 0) as fees,
    f.f.amount as fee_amount,
    case when f.booking_id is not null then coalesce(f.f.currency, p.currency, b.currency, site.currency, '') end
        as fee_currency,
    f.f.status as fee_status,
    f.f.trigger as fee_trigger,
    -- An applied fee is part of its order: paid in full, the part not waived is collected; not paid at all, none is.
    case when coalesce(f.fees, 0) = 0 then null
        when f.collected is not null then f.collected
        when f.f.status = 'APPLIED_TO_ORDER' and o.status = 'PAID' and o.owed = 0
            then greatest(f.f.amount - coalesce(f.waived, 0), 0)
        when f.f.status = 'APPLIED_TO_ORDER' and o.status = 'NOT_PAID' then 0
        when f.f.status = 'NOT_YET_APPLIED_TO_ORDER' then 0
    end as fee_collected,
    case when f.collected is not null then 'stated'
        when f.f.status = 'NOT_YET_APPLIED_TO_ORDER' then 'fee'
        else 'order'
    end as collected_source,
    case when coalesce(f.fees, 0) > 0 then f.waived end as fee_waived,
    p.has_fee_policy,
    upper(p.fee_status) as order_fee_status
from of_booking as b
cross join (select upper(trim(currency)) as currency from site) as site
left join money_of_booking as p on p.booking_id = b.booking_id
left join priced as o on o.order_key = coalesce(p.order_id, p.booking_id::varchar)
left join fee_of as f on f.booking_id = b.booking_id
