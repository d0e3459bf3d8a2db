-- Counts and rates of each value of an attribute: `from no_show_by_attribute('reminder')`.
create or replace macro no_show_by_attribute(attribute) as table
select value, unnest(counts), unnest(no_show_rates_of(counts))
from (
    select json_extract_string(p.attributes, '$.' || attribute) as value, no_show_counts(p) as counts
    from counted_at(as_of_now()) as p
    group by value
);

comment on macro table no_show_by_attribute is 'Counts and rates of each value of an attribute of the bookings';
