create or replace view no_show_by_week as
select week, unnest(counts), unnest(no_show_rates_of(counts))
from (
    select
        date_trunc('week', p.local_date)::date as week,
        no_show_counts(p) as counts
    from counted_at(as_of_now()) as p
    group by week
);

comment on view no_show_by_week is 'Counts and rates by ISO week (its Monday) of the session''s local start';
