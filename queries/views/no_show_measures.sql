-- Counts are sums over rows of counted_at; rates are functions of counts. `p` is a row, `c` a struct of counts.
-- A sum over the rows that meet a condition, each as often as the bookings it stands for.
create or replace macro total(p, of, condition) as coalesce(sum(of * p.weight) filter (condition), 0)::bigint;

create or replace macro bookings_where(p, condition) as coalesce(sum(p.weight) filter (condition), 0)::bigint;

create or replace macro bookings_of(p, o) as bookings_where(p, p.outcome = o);

create or replace macro register_of(p, o) as bookings_where(p, p.outcome = o and p.marks = 'both');

create or replace macro no_show_counts_in(p, sessions, sessions_unmarked) as struct_pack(
    -- Each outcome is summed once, since DuckDB computes an aggregate that is written twice only once.
    bookings := bookings_of(p, 'attended') + bookings_of(p, 'not_attended') + bookings_of(p, 'unmarked')
        + bookings_of(p, 'presumed_attended') + bookings_of(p, 'presumed_missed') + bookings_of(p, 'excused'),
    marked_bookings := bookings_of(p, 'attended') + bookings_of(p, 'not_attended'),
    attended_bookings := bookings_of(p, 'attended'),
    no_shows := bookings_of(p, 'not_attended'),
    unmarked_bookings := bookings_of(p, 'unmarked'),
    presumed_attended := bookings_of(p, 'presumed_attended'),
    presumed_missed := bookings_of(p, 'presumed_missed'),
    excused := bookings_of(p, 'excused'),
    rated_bookings := bookings_of(p, 'attended') + bookings_of(p, 'not_attended')
        + bookings_of(p, 'presumed_attended') + bookings_of(p, 'presumed_missed'),
    missed_bookings := bookings_of(p, 'not_attended') + bookings_of(p, 'presumed_missed'),
    register_marked := register_of(p, 'attended') + register_of(p, 'not_attended') + register_of(p, 'excused'),
    register_no_shows := register_of(p, 'not_attended'),
    register_excused := register_of(p, 'excused'),
    partial_no_shows := bookings_where(p, p.is_partial),
    booked := total(p, p.booked, p.outcome is not null),
    booked_marked := total(p, p.booked, p.is_rated),
    absent := coalesce(sum(p.absent * p.weight), 0)::bigint,
    walk_ins := coalesce(sum(p.walk_ins * p.weight), 0)::bigint,
    booked_squared := total(p, p.booked * p.booked, p.is_rated),
    cancelled_bookings := bookings_where(p, p.cancellation = 'early') + bookings_where(p, p.cancellation = 'late')
        + bookings_where(p, p.cancellation = 'business') + bookings_where(p, p.cancellation = 'unknown'),
    early_cancelled := bookings_where(p, p.cancellation = 'early'),
    -- Unknown, not 0, if bookings were cancelled and no cancel time is known.
    late_cancelled := case
        when bookings_where(p, p.cancellation = 'unknown') > 0
            and bookings_where(p, p.cancellation = 'early') + bookings_where(p, p.cancellation = 'late') = 0 then null
        else bookings_where(p, p.cancellation = 'late')
    end,
    business_cancelled := bookings_where(p, p.cancellation = 'business'),
    unknown_cancelled := bookings_where(p, p.cancellation = 'unknown'),
    doubtful_defaults := bookings_where(p, p.is_doubtful_default),
    sessions := sessions,
    sessions_unmarked := sessions_unmarked,
    -- Money in two currencies cannot be added.
    value_absent := case when min(p.currency) is not distinct from max(p.currency)
        then sum(p.absent * p.price * p.weight) end
);

create or replace macro no_show_counts(p) as no_show_counts_in(
    p,
    count(distinct p.session_id) filter (p.outcome is not null),
    count(distinct p.session_id) filter (p.outcome = 'unmarked')
);

-- For groups of one session each, which is 1 or 0 different sessions: without `distinct` it takes a third of the time.
create or replace macro no_show_counts_of_session(p) as no_show_counts_in(
    p,
    least(1, count(p.session_id) filter (p.outcome is not null)),
    least(1, count(p.session_id) filter (p.outcome = 'unmarked'))
);

-- Wilson score interval, 95 %, for k of n: 3 of 12 is 0.25, from 0.088942 to 0.532305. Null if n is null or 0.
create or replace macro z95() as 1.959963984540054::double;

create or replace macro wilson_centre(r, n) as r + z95() * z95() / (2 * n);

create or replace macro wilson_spread(r, n) as
    z95() * sqrt((r * (1 - r) + z95() * z95() / (4 * n)) / n);

-- greatest and least pass over nulls: without the case, the limits of nothing at all would be 0 and 1.
create or replace macro wilson_low(k, n) as case when n > 0 then
    greatest(0.0::double, (wilson_centre(k / n, n::double) - wilson_spread(k / n, n::double))
        / (1 + z95() * z95() / n::double))
end;

create or replace macro wilson_high(k, n) as case when n > 0 then
    least(1.0::double, (wilson_centre(k / n, n::double) + wilson_spread(k / n, n::double))
        / (1 + z95() * z95() / n::double))
end;

-- A party comes or stays away together, so participants count for fewer than they are. Kish's effective number is the
-- square of their sum over the sum of their squares: for parties of 1, 1 and 4 it is 36 / 18 = 2, not 6.
create or replace macro kish_n(c) as c.booked_marked::double * c.booked_marked / nullif(c.booked_squared, 0);

-- Bookings of registers with two sides, but for those excused: A + N + U.
create or replace macro register_bookings(c) as c.register_marked - c.register_excused + c.unmarked_bookings;

create or replace macro no_show_rates_of(c) as struct_pack(
    no_show_rate := c.missed_bookings / nullif(c.rated_bookings, 0),
    no_show_rate_low := wilson_low(c.missed_bookings, c.rated_bookings),
    no_show_rate_high := wilson_high(c.missed_bookings, c.rated_bookings),
    coverage := c.register_marked / nullif(c.register_marked + c.unmarked_bookings, 0),
    bound_low := c.register_no_shows / nullif(register_bookings(c), 0),
    bound_high := (c.register_no_shows + c.unmarked_bookings) / nullif(register_bookings(c), 0),
    participant_no_show_rate := c.absent / nullif(c.booked_marked, 0),
    participant_no_show_rate_low := wilson_low(c.absent / nullif(c.booked_marked, 0) * kish_n(c), kish_n(c)),
    participant_no_show_rate_high := wilson_high(c.absent / nullif(c.booked_marked, 0) * kish_n(c), kish_n(c)),
    lost_seat_rate := (c.missed_bookings + c.late_cancelled) / nullif(c.rated_bookings + c.late_cancelled, 0)
);

comment on macro total is 'Sum over the rows p that meet a condition, each as often as the bookings it stands for';
comment on macro bookings_where is 'Bookings of the rows p that meet a condition';
comment on macro bookings_of is 'Bookings of the rows p with an outcome';
comment on macro register_of is 'Bookings of the rows p with an outcome, of sources that record both sides';
comment on macro register_bookings is 'Bookings of a struct of counts that coverage and bounds are taken over, but for those excused';
comment on macro no_show_counts_in is 'Counts over rows p of counted_at, the number of sessions given';
comment on macro no_show_counts_of_session is 'no_show_counts of rows that are grouped by session';
comment on macro no_show_counts is 'Counts over rows p of counted_at, as one struct: sums, so they merge';
comment on macro no_show_rates_of is 'Rates of a struct of counts: null if there is nothing to divide';
comment on macro z95 is 'The normal quantile of a two-sided 95 % interval';
comment on macro wilson_centre is 'Centre of the Wilson interval before scaling, for a rate r over n';
comment on macro wilson_spread is 'Half width of the Wilson interval before scaling, for a rate r over n';
comment on macro wilson_low is 'Wilson score interval, 95 %, lower limit for k of n';
comment on macro wilson_high is 'Wilson score interval, 95 %, upper limit for k of n';
comment on macro kish_n is 'Effective number of participants of a struct of counts, parties taken as one';
