-- How often contacts book in the first half of the weeks and in the second: sums of rated bookings, of their squares by
-- contact and of the products of both halves, over all (family is null) and for each group of the families. A booking
-- of an unknown contact is the only one of its contact.
with middles as (
    select
        part,
        date_trunc('week', min(local_date))::date
            + (7 * ((date_diff('week', min(local_date), max(local_date)) + 2) // 2))::integer as middle
    from facts
    where is_rated
    group by part
),
-- Counted by contact and all keys at once first, so that the sets below have few rows to go over.
together as (
    select
        p.part,
        contact_of(p) as contact,
        {family_keys},
        coalesce(sum(p.weight) filter (p.local_date < m.middle), 0)::bigint as before,
        coalesce(sum(p.weight) filter (p.local_date >= m.middle), 0)::bigint as after
    from facts as p
    join middles as m on m.part is not distinct from p.part
    where p.is_rated
    group by all
),
by_contact as (
    select
        part,
        contact,
        case
            {family_cases}
        end as family,
        {family_keys},
        sum(before)::bigint as before,
        sum(after)::bigint as after
    from together
    group by grouping sets (
        (part, contact),
        {family_sets}
    )
)
select
    part,
    family,
    {family_keys},
    sum(before)::bigint as rated_before,
    sum(after)::bigint as rated_after,
    sum(case when contact is null then before else before * before end)::bigint as squares_before,
    sum(case when contact is null then after else after * after end)::bigint as squares_after,
    sum(case when contact is null then 0 else before * after end)::bigint as products
from by_contact
group by all
