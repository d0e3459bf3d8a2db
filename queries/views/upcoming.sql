-- The bookings ahead, each with the chance that it is missed: the rate of its group (service and lead time), and where a
-- model is licensed the risk that its weights give. Formulas: queries/upcoming.md.
create or replace macro bookings_ahead_at(as_of) as table
with
rated as materialized (
    select
        p.service_id,
        {lead_time} as lead_time,
        p.session_id,
        contact_of(p) as contact,
        p.weight,
        p.is_missed
    from booked_session_at(as_of) as p
    where p.is_rated and is_made_before(p.created_at, p.starts_at, p.local_start, p.lead_days)
),
counted as (
    select service_id, lead_time, sum(weight)::double as n, coalesce(sum(weight) filter (is_missed), 0)::double as k
    from rated
    group by service_id, lead_time
),
pooled as (
    select sum(n) as n, round(sum(k) / sum(n), 12) as p, sum(n * n) as squares, count(*) as groups
    from counted
),
-- The weight of the rate of all in the rate of a group, by the method of moments as in queries/measures/rates.py; null if
-- the groups do not differ beyond chance. Summed in an order, as a sum in any other may have another last digit.
prior as (
    select
        n,
        p,
        case when between_groups > 0 and n > squares / n
            then greatest(1::double, p * (1 - p) * (n - squares / n) / between_groups - 1) end as weight
    from (
        select any_value(a.n) as n, any_value(a.p) as p, any_value(a.squares) as squares,
            sum(c.n * (c.k / c.n - a.p) * (c.k / c.n - a.p) order by c.service_id, c.lead_time) - any_value(a.p * (1 - a.p) * (a.groups - 1)) as between_groups
        from counted as c, pooled as a
    )
),
group_rate as (
    select
        c.service_id,
        c.lead_time,
        round(case when r.weight is null then r.p else (c.k + r.weight * r.p) / (c.n + r.weight) end, 12) as rate,
        case when r.weight is null then r.n else c.n + r.weight end as known_bookings
    from counted as c, prior as r
),
-- The residual of an outcome from the rate of its group, u, and its expected deviation, v.
residual as (
    select
        r.session_id,
        r.contact,
        r.weight,
        r.is_missed::bigint - g.rate as u,
        sqrt(g.rate * (1 - g.rate)) as v
    from rated as r
    join group_rate as g
        on g.service_id is not distinct from r.service_id and g.lead_time is not distinct from r.lead_time
),
-- Bookings of one session, and of one contact, are alike beyond their rates: the mean of u over pairs, over that of v.
by_session as (
    select alike_of(us, vs, u2, v2) as correlation, sum(n * n) / sum(n) as size
    from (
        select sum(u * weight) as us, sum(v * weight) as vs, sum(u * u * weight) as u2, sum(v * v * weight) as v2,
            sum(weight) as n
        from residual
        group by session_id
    )
),
by_contact as (
    select alike_of(us, vs, u2, v2) as correlation, sum(n * n) / sum(n) as size
    from (
        select sum(u) as us, sum(v) as vs, sum(u * u) as u2, sum(v * v) as v2, count(*) as n
        from residual
        where contact is not null
        group by contact
    )
),
alike as (
    select
        coalesce(s.correlation, 0) as session_correlation,
        coalesce(c.correlation, 0) as contact_correlation,
        1 + coalesce(s.correlation * (s.size - 1), 0) + coalesce(c.correlation * (c.size - 1), 0) as effect
    from by_session as s, by_contact as c
),
ahead as (
    select * exclude (is_past, is_ahead, is_missed), {lead_time} as lead_time
    from known_before_at(as_of) as p
    where is_ahead
),
model as (
    select is_licensed from internal.risk_model where is_licensed and risk_model.as_of <= as_of
),
scored as (
    -- Added up to 12 digits, exactly: the sum does not depend on the order.
    select booking_id, session_id,
        round(1 / (1 + exp(-(sum((f.value * w.weight)::decimal(18, 12))::double))), 12) as risk
    from (
        select booking_id, session_id, unnest(risk_features(p), recursive := true) from ahead as p, model
    ) as f
    join internal.risk_weight as w on w.feature = f.feature and w.level = f.level
    group by booking_id, session_id
)
select
    a.*,
    coalesce(g.rate, r.p) as group_rate,
    s.risk,
    {risk_band} as risk_band,
    coalesce(s.risk, g.rate, r.p) as no_show_chance,
    exists (from model) as is_licensed,
    l.session_correlation,
    l.contact_correlation,
    -- The rate of a group is known from so many bookings, fewer since they are alike.
    coalesce(g.rate * (1 - g.rate), r.p * (1 - r.p)) * l.effect / (coalesce(g.known_bookings, r.weight, r.n) + 1) as rate_variance,
    -- The share of its contact in the bookings that its rate is known from: a rate errs less for those who made it.
    case when s.risk is null then a.earlier_bookings / r.n else 0 end as contact_share,
    -- Groups that do not differ share one rate, and are wrong together.
    case when r.weight is null then 'all' else concat_ws('|', a.service_id, a.lead_time) end as rate_group
from ahead as a
cross join prior as r
cross join alike as l
left join group_rate as g
    on g.service_id is not distinct from a.service_id and g.lead_time is not distinct from a.lead_time
left join scored as s on s.booking_id = a.booking_id and s.session_id = a.session_id;

comment on macro table bookings_ahead_at is
    'Bookings of sessions that have not begun as of a UTC timestamp, each with its chance of a no-show and the parts it is made of';

create or replace view upcoming_bookings as
select
    {upcoming}
from bookings_ahead_at(as_of_now())
order by starts_at, session_id, booking_id;

comment on view upcoming_bookings is
    'Bookings of sessions that have not begun, each with the no-show rate of its group and, if a model is licensed, its risk';

create or replace macro waiting_at(as_of) as table
select *
from booking_session
where booking_status = 'WAITING_LIST' and session_status is distinct from 'CANCELLED'
    and is_yet_to_begin(starts_at, local_start, time_zone, as_of) and coalesce(created_at <= as_of, true);

comment on macro table waiting_at is 'Bookings on the waiting lists of sessions that have not begun as of a UTC timestamp';
