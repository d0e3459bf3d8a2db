-- The attributes of the rated bookings, with their numbers of values and bookings. Texts are read once each: many
-- bookings have the same.
with
texts as (
    select attributes, sum(weight)::bigint as bookings
    from facts
    where is_rated and attributes is not null
    group by attributes
),
named as (
    select unnest(json_keys(attributes)) as name, attributes, bookings
    from texts
)
select
    name,
    count(distinct json_extract_string(attributes, '$.' || name)) as number_of_values,
    sum(bookings)::bigint as bookings
from named
group by name
order by bookings desc, name
