create or replace view no_show_by_service as
select service_id, service, unnest(counts), unnest(no_show_rates_of(counts))
from (
    select
        p.service_id,
        max(p.service) as service,
        no_show_counts(p) as counts
    from counted_at(as_of_now()) as p
    group by p.service_id
);

comment on view no_show_by_service is 'Counts and rates of each service';
