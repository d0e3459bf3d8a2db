-- The list price of empty seats: of those known to be empty, and of those that may be.
select
    part,
    service_id,
    max(service) as service,
    coalesce(currency, '') as currency,
    coalesce(sum(absent * weight), 0)::bigint as absent,
    coalesce(sum(absent * weight) filter (price is not null), 0)::bigint as absent_priced,
    sum(absent * price * weight) as value_absent,
    coalesce(sum(booked * weight) filter (outcome = 'unmarked'), 0)::bigint as unmarked_seats,
    sum(booked * price * weight) filter (outcome = 'unmarked') as value_unmarked
from facts
where outcome is not null
group by part, service_id, coalesce(currency, '')
order by part, value_absent desc nulls last, service_id
