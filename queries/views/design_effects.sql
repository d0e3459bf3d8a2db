-- Bookings of one contact, or of one session, are alike: the correlation of two of them is estimated over all bookings
-- compared, and makes every interval wider by a design effect. Derivation: queries/measures/clustering.py.

-- A booking of an unknown contact is the only one of its contact: it adds 1 to the squares and, if missed, to the others.
create or replace macro clusters_in(rated, missed, unknown_rated, unknown_missed, contacts, sessions) as struct_pack(
    rated_bookings := rated,
    missed_bookings := missed,
    contact_squares := unknown_rated + coalesce(contacts.squares, 0),
    contact_products := unknown_missed + coalesce(contacts.products, 0),
    contact_missed_squares := unknown_missed + coalesce(contacts.missed_squares, 0),
    session_squares := coalesce(sessions.squares, 0),
    session_products := coalesce(sessions.products, 0),
    session_missed_squares := coalesce(sessions.missed_squares, 0)
);

-- The sums that correlations are estimated from, over rows `p`: see `clusters_at`, which is faster.
create or replace macro clusters_of(p) as clusters_in(
    bookings_where(p, p.is_rated),
    bookings_where(p, p.is_missed),
    bookings_where(p, p.is_rated and contact_of(p) is null),
    bookings_where(p, p.is_missed and contact_of(p) is null),
    cluster_sums(histogram(contact_of(p)) filter (p.is_rated), histogram(contact_of(p)) filter (p.is_missed)),
    cluster_sums(times_in_list(p, p.is_rated), times_in_list(p, p.is_missed))
);

-- Null without such a pair, or if all or none were missed: the mean of (y_i - p)(y_j - p) over all pairs of bookings of one group, over p(1 - p), with y no-shows of n bookings,
-- p = y / n, and over the groups the sums of n_g² (squares), y_g n_g (products) and y_g² (missed_squares).
create or replace macro pair_correlation(n, y, squares, products, missed_squares) as case
    when squares > n and y > 0 and y < n then (
        (missed_squares::double - 2 * (y / n) * products::double + (y / n) * (y / n) * squares::double)
        - (y::double - 2 * (y / n) * y::double + (y / n) * (y / n) * n::double)
    ) / ((squares - n)::double * ((y / n) * (1 - y / n)))
end;

create or replace macro contact_correlation(k) as pair_correlation(
    k.rated_bookings, k.missed_bookings, k.contact_squares, k.contact_products, k.contact_missed_squares
);

create or replace macro session_correlation(k) as pair_correlation(
    k.rated_bookings, k.missed_bookings, k.session_squares, k.session_products, k.session_missed_squares
);

create or replace macro extra_squares(squares, n) as squares / nullif(n, 0) - 1;

-- p is estimated from the same bookings, which lowers each pair by the variance of p over p(1 - p).
create or replace macro estimate_shift_of(n, contact, contact_extra, session, session_extra) as case
    when n - contact_extra * (1 - contact) - session_extra * (1 - session) >= 1
        then (1 + contact_extra * contact + session_extra * session)
            / (n - contact_extra * (1 - contact) - session_extra * (1 - session))
    else 0::double
end;

create or replace macro estimate_shift(k, contact, session) as estimate_shift_of(
    k.rated_bookings::double,
    coalesce(contact, 0), extra_squares(k.contact_squares, k.rated_bookings),
    coalesce(session, 0), extra_squares(k.session_squares, k.rated_bookings)
);

create or replace macro corrected_correlation(r, shift) as
    case when r is null then 0::double else least(1::double, greatest(0::double, r + shift * (1 - r))) end;

create or replace macro estimated_clustering(k, contact, session, shift) as struct_pack(
    contact := corrected_correlation(contact, shift),
    session := corrected_correlation(session, shift),
    contact_squares := k.contact_squares,
    session_squares := k.session_squares
);

-- Lists of one element give names to the steps: an argument of a macro is written out wherever the macro has it.
create or replace macro clustering_of(k) as list_transform(
    list_transform(
        [struct_pack(k := k, contact := contact_correlation(k), session := session_correlation(k))],
        lambda s: struct_pack(
            k := s.k, contact := s.contact, session := s.session, shift := estimate_shift(s.k, s.contact, s.session)
        )
    ),
    lambda s: estimated_clustering(s.k, s.contact, s.session, s.shift)
)[1];

-- 1 + rho_contact (sum of n_c² / n - 1) + rho_session (sum of n_s² / n - 1): with rho_contact = 0.05, and 40 bookings of
-- 8 contacts, 5 each, it is 1 + 0.05 * (200 / 40 - 1) = 1.2. Null if n is 0.
create or replace macro design_effect_of(n, contact_squares, session_squares, clustering) as case when n > 0 then
    greatest(
        1::double,
        1 + clustering.contact * (contact_squares / n - 1) + clustering.session * (session_squares / n - 1)
    )
end;

create or replace macro design_effect(c, clustering) as
    design_effect_of(c.rated_bookings, c.contact_squares, c.session_squares, clustering);

comment on macro clusters_of is 'Sums over rows p, one struct, that clustering_of estimates from';
comment on macro clusters_in is 'The same from sums over contacts and over sessions';
comment on macro pair_correlation is 'Correlation of two bookings of one group, before it is corrected';
comment on macro contact_correlation is 'Correlation of two bookings of one contact, before it is corrected';
comment on macro session_correlation is 'Correlation of two bookings of one session, before it is corrected';
comment on macro extra_squares is 'Sum of squares over the number of bookings, minus 1';
comment on macro estimate_shift_of is 'By how much the estimate of the rate lowers correlations';
comment on macro estimate_shift is 'The same from a row of clusters';
comment on macro corrected_correlation is 'A correlation, corrected for the estimate of the rate, from 0 to 1';
comment on macro estimated_clustering is 'clustering_of from its parts';
comment on macro clustering_of is
    'Correlations within contacts and within sessions, from a row of clusters, with the squares over all';
comment on macro design_effect_of is 'Factor by which the variance of a rate is larger than if bookings were independent';
comment on macro design_effect is 'The same from a struct of counts and the clustering of all bookings compared';
