-- The money of bookings that were missed or cancelled late, by currency and figure: amount, the bookings it is of, those
-- whose amount is not known, and the sources. The site's own fee for a cancellation says as well that it was late.
with
booking_money as (
    {booking_money}
),
chosen as (
    select * from booking_money where is_missed or is_late or (is_cancelled and fees > 0)
),
-- Whether each figure is known, booking by booking.
known as (
    select
        part,
        weight,
        unnest(
            [
                struct_pack(figure := 'list_value', currency := currency, is_known := list_value is not null),
                struct_pack(figure := 'paid', currency := coalesce(order_currency, currency), is_known := paid is not null),
                struct_pack(figure := 'owed', currency := coalesce(order_currency, currency), is_known := owed is not null),
                struct_pack(
                    figure := 'refunded',
                    currency := coalesce(order_currency, currency),
                    is_known := refunded is not null
                )
            ],
            recursive := true
        )
    from chosen
    union all
    select
        part,
        weight,
        unnest(['fees_due', 'fees_applied', 'fees_unknown', 'fees_previewed']),
        coalesce(fee_currency, currency),
        fee_amount is not null
            or coalesce(not has_fee_policy and coalesce(order_fee_status, 'UNKNOWN_STATUS') = 'UNKNOWN_STATUS', false)
    from chosen
    union all
    select part, weight, 'fees_collected', fee_currency, fee_collected is not null from chosen where fees > 0
    union all
    select part, weight, 'fees_waived', fee_currency, fee_waived is not null from chosen where fees > 0
),
-- An order counts once, however many of the bookings it covers.
order_once as (
    select
        part,
        order_key,
        order_currency as currency,
        sum(weight) as bookings,
        any_value(paid) as paid,
        any_value(owed) as owed,
        any_value(refunded) as refunded,
        any_value(paid_source) as paid_source,
        any_value(refunded_source) as refunded_source
    from chosen
    where order_key is not null
    group by part, order_key, order_currency
),
amounts as (
    select part, 'list_value' as figure, currency, list_value as amount, weight as bookings, 'price' as source
    from chosen
    union all
    select part, 'paid', currency, paid, bookings, paid_source from order_once
    union all
    select part, 'owed', currency, owed, bookings, 'order' from order_once
    union all
    select part, 'refunded', currency, refunded, bookings, refunded_source from order_once
    union all
    select
        part,
        case fee_status
            when 'NOT_YET_APPLIED_TO_ORDER' then 'fees_due'
            when 'APPLIED_TO_ORDER' then 'fees_applied'
            when 'PREVIEW' then 'fees_previewed'
            else 'fees_unknown'
        end,
        fee_currency,
        -- The parts waived or collected already are not due any more.
        case when fee_status = 'NOT_YET_APPLIED_TO_ORDER'
            then greatest(fee_amount - coalesce(fee_waived, 0) - fee_collected, 0)
            else fee_amount
        end,
        weight,
        'fee'
    from chosen
    union all
    select part, 'fees_collected', fee_currency, fee_collected, weight, collected_source from chosen
    union all
    select part, 'fees_waived', fee_currency, fee_waived, weight, 'stated' from chosen
),
sums as (
    select
        part,
        figure,
        currency,
        sum(amount) as amount,
        sum(bookings)::bigint as bookings,
        string_agg(distinct source, ', ' order by source) as sources
    from amounts
    where amount is not null
    group by part, figure, currency
)
select
    k.part,
    k.currency,
    k.figure,
    -- A figure that is known and has no amount is 0, and one that is not known is null.
    coalesce(any_value(s.amount), case when bool_or(k.is_known) then 0::decimal(38, 4) end) as amount,
    coalesce(any_value(s.bookings), 0) as bookings,
    coalesce(sum(k.weight) filter (not k.is_known), 0)::bigint as missing,
    coalesce(any_value(s.sources), '') as sources
from known as k
left join sums as s on s.part is not distinct from k.part and s.figure = k.figure and s.currency = k.currency
group by k.part, k.currency, k.figure
order by k.part, k.currency, list_position({money_figures}, k.figure)
