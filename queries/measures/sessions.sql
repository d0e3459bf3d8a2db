-- The newest 600 sessions of each part, and how many it has in all. If a part has no more than that, its rows are
-- read as they come: a join with its own sessions would hold all of them in memory twice.
with
placed as (
    select
        part,
        session_id,
        count(*) over (partition by part) as all_sessions,
        row_number() over (partition by part order by max(local_start) desc, session_id) as place
    from facts
    where outcome is not null
    group by part, session_id
),
totals as (
    select part, max(all_sessions) as all_sessions
    from placed
    group by part
),
newest as (
    select part, session_id
    from placed
    where all_sessions > 600 and place <= 600
)
select
    part,
    session_id,
    service,
    location,
    staff,
    local_start,
    capacity,
    all_sessions,
    unnest(counts)
from (
    -- The sums are columns of their own, since DuckDB would write an argument of a macro out wherever the macro has it:
    -- that took ten times as long.
    select
        * exclude (sums, twice_rated, twice_missed, once_missed, value_absent),
        no_show_counts_in_session(sums, twice_rated, twice_missed, once_missed, value_absent) as counts
    from (
        select
            p.part,
            p.session_id,
            max(p.service) as service,
            max(p.location) as location,
            max(p.staff) as staff,
            max(p.local_start) filter (p.outcome is not null) as local_start,
            max(p.capacity) as capacity,
            t.all_sessions,
            no_show_sums(p) as sums,
            contacts_twice(p, p.is_rated) as twice_rated,
            contacts_twice(p, p.is_missed) as twice_missed,
            count(contact_of(p)) filter (p.is_missed and not p.is_booked_twice) as once_missed,
            value_absent_of(p) as value_absent
        from facts as p
        join totals as t on t.part is not distinct from p.part
        left join newest as n on n.session_id = p.session_id and n.part is not distinct from p.part
        where t.all_sessions <= 600 or n.session_id is not null
        group by p.part, p.session_id, t.all_sessions
    )
)
where counts.bookings > 0
order by local_start desc, session_id
