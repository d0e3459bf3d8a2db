-- Sums over the bookings on lists of calls, by the share that was held back when their arms were drawn: numbers, no-shows,
-- and how often contacts and sessions are on both sides, for design effects. Held back is before, to be called is after.
with
listed as (
    select * from call_results_at($as_of)
),
counted as (
    select hold_back, arm = 'call' as is_call, contact_id, session_id, is_missed
    from listed
    where is_compared and hold_back > 0
),
by_contact as (
    select hold_back, sum(b * b)::bigint as squares_before, sum(a * a)::bigint as squares_after, sum(a * b)::bigint as products
    from (
        select hold_back, contact_id, count(*) filter (not is_call) as b, count(*) filter (is_call) as a
        from counted
        group by all
    )
    group by hold_back
),
by_session as (
    select hold_back, sum(b * b)::bigint as squares_before, sum(a * a)::bigint as squares_after, sum(a * b)::bigint as products
    from (
        select hold_back, session_id, count(*) filter (not is_call) as b, count(*) filter (is_call) as a
        from counted
        group by all
    )
    group by hold_back
)
select
    l.hold_back,
    count(*) filter (l.arm = 'call') as listed_to_call,
    count(*) filter (l.arm = 'held_back') as listed_held_back,
    count(*) filter (l.arm = 'call' and l.reported_at is not null) as reported,
    count(*) filter (l.arm = 'call' and l.is_reached) as reached,
    count(*) filter (l.arm = 'held_back' and l.reported_at is not null) as called_all_the_same,
    count(*) filter (l.result = 'not_due') as not_due,
    count(*) filter (l.arm = 'call' and l.is_compared) as called,
    count(*) filter (l.arm = 'call' and l.is_missed) as called_missed,
    count(*) filter (l.arm = 'held_back' and l.is_compared) as held_back,
    count(*) filter (l.arm = 'held_back' and l.is_missed) as held_back_missed,
    any_value(c.squares_before) as contact_squares_before,
    any_value(c.squares_after) as contact_squares_after,
    any_value(c.products) as contact_products,
    any_value(s.squares_before) as session_squares_before,
    any_value(s.squares_after) as session_squares_after,
    any_value(s.products) as session_products
from listed as l
left join by_contact as c on c.hold_back = l.hold_back
left join by_session as s on s.hold_back = l.hold_back
group by l.hold_back
order by l.hold_back
