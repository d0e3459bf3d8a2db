create or replace view no_show_by_session as
select session_id, session, unnest(counts), unnest(no_show_rates_of(counts))
from (
    select
        p.session_id,
        max(concat_ws(', ', p.service, strftime(p.local_start, '%a %Y-%m-%d %H:%M'), p.location)) as session,
        no_show_counts(p) as counts
    from counted_at(as_of_now()) as p
    group by p.session_id
);

comment on view no_show_by_session is 'Counts and rates of each session that is due';
