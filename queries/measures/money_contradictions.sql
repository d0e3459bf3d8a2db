-- Bookings whose money contradicts their outcome: a fee without a no-show, a no-show without the fee of its policy,
-- a fee twice.
with
booking_money as (
    {booking_money}
),
-- Without any fee in the database fees were not loaded, and a missing one says nothing.
fees_read as (
    select exists (from fee) or exists (from payment where fee_status is not null) as is_so
),
-- The fee may be for a session that the figures leave out, by a filter or as later than their moment. One that began after
-- the fee was read is not the reason for it.
with_a_reason as (
    select r.booking_id
    from session_roster as r
    join fee as f on f.booking_id = r.booking_id
    left join load_ledger as l on l.load_id = f.load_id
    where r.is_missed
        or r.place = 'cancelled'
        or (r.outcome = 'unmarked' and coalesce(r.starts_at <= l.finished_at, true))
),
found as (
    select
        *,
        'fee_without_no_show' as kind,
        case when has_come then 'attended' else 'excused' end
            || case fee_status
                when 'APPLIED_TO_ORDER' then ', but a fee was applied to the order'
                when 'NOT_YET_APPLIED_TO_ORDER' then ', but a fee is due'
                else ', but there is a fee'
            end as why
    from booking_money
    where fees > 0
        and booking_id not in (from with_a_reason)
        and coalesce(fee_waived < fee_amount, true)
    union all
    select *, 'no_show_without_fee', 'missed, and its policy has a fee, but there is none'
    from booking_money
    where is_missed
        and fees = 0
        and has_fee_policy
        and coalesce(order_fee_status not in ('APPLIED_TO_ORDER', 'NOT_YET_APPLIED_TO_ORDER'), true)
        -- A free booking has no fee.
        and coalesce(price > 0, true)
        and coalesce(order_total > 0, true)
        and (select is_so from fees_read)
    union all
    select *, 'fee_twice', fees || ' fees for one booking, of which one is counted'
    from booking_money
    where fees > 1
)
select
    part,
    booking_id::varchar as booking_id,
    kind,
    why,
    service,
    local_start,
    case when kind <> 'no_show_without_fee' then fee_amount end as amount,
    case when kind <> 'no_show_without_fee' then fee_currency end as currency
from found
order by part, kind, local_start, booking_id
