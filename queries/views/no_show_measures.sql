-- Counts of rows `p` of counted_at, as one struct `c`; rates are functions of counts.
-- A booking of an unknown contact is the only one of its contact.
create or replace macro no_show_counts_in(sums, unknown, sessions, contacts, value_absent) as struct_concat(
    sums,
    struct_pack(
        sessions := coalesce(sessions.sessions, 0),
        sessions_unmarked := coalesce(sessions.sessions_unmarked, 0),
        session_squares := coalesce(sessions.session_squares, 0),
        contact_squares := unknown + coalesce(contacts.contact_squares, 0),
        top_missed := coalesce(contacts.top_missed, 0),
        top_rated := coalesce(contacts.top_rated, 0),
        top_squares := coalesce(contacts.top_squares, 0),
        value_absent := value_absent
    )
);

create or replace macro no_show_counts(p) as no_show_counts_in(
    no_show_sums(p), unknown_contacts(p), session_counts_of(p), contact_counts_of(p), value_absent_of(p)
);

-- For groups of one session each: numbers of sessions follow from the sums, and unknown contacts are among those who
-- booked once.
create or replace macro no_show_counts_in_session(sums, twice_rated, twice_missed, once_missed, value_absent) as
    no_show_counts_in(
        sums,
        0,
        one_session_counts_in(sums),
        contact_counts_of_session(sums.rated_bookings, twice_rated, twice_missed, once_missed),
        value_absent
    );

create or replace macro no_show_counts_of_session(p) as no_show_counts_in_session(
    no_show_sums(p),
    contacts_twice(p, p.is_rated),
    contacts_twice(p, p.is_missed),
    count(contact_of(p)) filter (p.is_missed and not p.is_booked_twice),
    value_absent_of(p)
);

-- Wilson score interval, 95 %, for k of n: 3 of 12 is 0.25, from 0.088942 to 0.532305. Null if n is null or 0.
create or replace macro z95() as 1.959963984540054::double;

create or replace macro wilson_centre(r, n) as r + z95() * z95() / (2 * n);

create or replace macro wilson_spread(r, n) as
    z95() * sqrt((r * (1 - r) + z95() * z95() / (4 * n)) / n);

-- greatest and least pass over nulls: without the case, the limits of nothing at all would be 0 and 1. None of n begins
-- at 0 exactly, and all of n end at 1: the formula misses them by a digit or two.
create or replace macro wilson_low(k, n) as case when n > 0 and k = 0 then 0::double when n > 0 then
    greatest(0::double, (wilson_centre(k / n, n::double) - wilson_spread(k / n, n::double))
        / (1 + z95() * z95() / n::double))
end;

create or replace macro wilson_high(k, n) as case when n > 0 and k = n then 1::double when n > 0 then
    least(1::double, (wilson_centre(k / n, n::double) + wilson_spread(k / n, n::double))
        / (1 + z95() * z95() / n::double))
end;

-- A party comes or stays away together, so participants count for fewer than they are. Kish's effective number is the
-- square of their sum over the sum of their squares: for parties of 1, 1 and 4 it is 36 / 18 = 2, not 6.
create or replace macro kish_n(c) as c.booked_marked::double * c.booked_marked / nullif(c.booked_squared, 0);

-- Bookings of registers with two sides, but for those excused: A + N + U.
create or replace macro register_bookings(c) as c.register_marked - c.register_excused + c.unmarked_bookings;

create or replace macro no_show_rates_in(c, effect) as struct_pack(
    no_show_rate := c.missed_bookings / nullif(c.rated_bookings, 0),
    no_show_rate_low := wilson_low(
        c.missed_bookings / nullif(c.rated_bookings, 0) * (c.rated_bookings / effect), c.rated_bookings / effect
    ),
    no_show_rate_high := wilson_high(
        c.missed_bookings / nullif(c.rated_bookings, 0) * (c.rated_bookings / effect), c.rated_bookings / effect
    ),
    design_effect := effect,
    effective_n := c.rated_bookings / effect,
    coverage := c.register_marked / nullif(c.register_marked + c.unmarked_bookings, 0),
    bound_low := c.register_no_shows / nullif(register_bookings(c), 0),
    bound_high := (c.register_no_shows + c.unmarked_bookings) / nullif(register_bookings(c), 0),
    participant_no_show_rate := c.absent / nullif(c.booked_marked, 0),
    participant_no_show_rate_low := wilson_low(
        c.absent / nullif(c.booked_marked, 0) * (kish_n(c) / effect), kish_n(c) / effect
    ),
    participant_no_show_rate_high := wilson_high(
        c.absent / nullif(c.booked_marked, 0) * (kish_n(c) / effect), kish_n(c) / effect
    ),
    lost_seat_rate := (c.missed_bookings + c.late_cancelled) / nullif(c.rated_bookings + c.late_cancelled, 0)
);

create or replace macro no_show_rates_of(c, clustering) as list_transform(
    [struct_pack(c := c, effect := design_effect(c, clustering))], lambda s: no_show_rates_in(s.c, s.effect)
)[1];

comment on macro register_bookings is 'Bookings of a struct of counts that coverage and bounds are taken over, but for those excused';
comment on macro no_show_counts_in is 'Counts put together from sums and from counts by session and by contact';
comment on macro no_show_counts_of_session is 'no_show_counts of rows that are grouped by session';
comment on macro no_show_counts_in_session is 'The same, from the sums of one session and its contacts';
comment on macro no_show_counts is 'Counts over rows p of counted_at, as one struct';
comment on macro no_show_rates_of is
    'Rates of a struct of counts, with the clustering of all bookings compared: null if there is nothing to divide';
comment on macro no_show_rates_in is 'The same with the design effect given';
comment on macro z95 is 'The normal quantile of a two-sided 95 % interval';
comment on macro wilson_centre is 'Centre of the Wilson interval before scaling, for a rate r over n';
comment on macro wilson_spread is 'Half width of the Wilson interval before scaling, for a rate r over n';
comment on macro wilson_low is 'Wilson score interval, 95 %, lower limit for k of n';
comment on macro wilson_high is 'Wilson score interval, 95 %, upper limit for k of n';
comment on macro kish_n is 'Effective number of participants of a struct of counts, parties taken as one';
