-- Bookings of one contact, and those of one session, are alike, so intervals need to know how many there are of each:
-- the sum of the squares of their numbers. The macros over rows `p` find it in one aggregate, which is handy but slow
-- over millions of rows; the views no_show_by_… group twice instead (`queries/statements/grouped.py`).

-- Bookings of one contact. A row that stands for several bookings stands for as many contacts, none of them known.
create or replace macro contact_of(p) as case when p.weight = 1 then p.participant_id end;

create or replace macro unknown_contacts(p) as bookings_where(p, p.is_rated and contact_of(p) is null);

create or replace macro squares_of(numbers) as
    coalesce(list_sum(list_transform(numbers, lambda n: n::bigint * n::bigint)), 0)::bigint;

-- Rated bookings of each session: a row of weight 3 puts its session into the list three times.
create or replace macro times_in_list(p, condition) as list_histogram(
    flatten(list(list_resize([p.session_id], p.weight, p.session_id)) filter (condition))
);

create or replace macro session_counts_of(p) as struct_pack(
    sessions := count(distinct p.session_id) filter (p.outcome is not null),
    sessions_unmarked := count(distinct p.session_id) filter (p.outcome = 'unmarked'),
    session_squares := squares_of(map_values(times_in_list(p, p.is_rated)))
);

-- Sums over `top`, the contacts with most no-shows: of each its no-shows and, negated, its rated bookings, so that of
-- equals the one with fewer bookings comes first in descending order.
create or replace macro contact_sums(squares, top) as struct_pack(
    contact_squares := squares::bigint,
    top_missed := list_sum(list_transform(top, lambda each: each.missed))::bigint,
    top_rated := list_sum(list_transform(top, lambda each: -each.fewer))::bigint,
    top_squares := list_sum(list_transform(top, lambda each: each.fewer * each.fewer))::bigint
);

-- From maps of contacts to numbers of bookings. Contacts with one booking each need not be in the maps if they are
-- numbered beside them, all in `once_rated` and those who missed it in `once_missed`; three of them can be on top.
create or replace macro contact_counts_in(rated, missed, once_rated, once_missed) as contact_sums(
    squares_of(map_values(rated)) + once_rated,
    list_slice(list_reverse_sort(list_concat(
        list_transform(
            map_entries(missed),
            lambda each: struct_pack(missed := each.value::bigint, fewer := -(rated[each.key]::bigint))
        ),
        list_slice(
            list_transform([1, 1, 1], lambda each: struct_pack(missed := each::bigint, fewer := -each::bigint)),
            1, once_missed
        )
    )), 1, 3)
);

create or replace macro contact_counts_of(p) as contact_counts_in(
    histogram(contact_of(p)) filter (p.is_rated),
    histogram(contact_of(p)) filter (p.is_missed),
    0,
    0
);

-- Hardly anybody books a session twice. Only the contacts who do are collected and counted, since every other booking is
-- the only one of its contact. They are collected in lists: `histogram` would take more than twice the time of all
-- counts, even if no session has any.
create or replace macro contacts_twice(p, condition) as list(contact_of(p)) filter (
    condition and p.is_booked_twice and contact_of(p) is not null
);

create or replace macro contact_counts_of_session(rated_bookings, twice_rated, twice_missed, once_missed) as
    contact_counts_in(
        list_histogram(twice_rated),
        list_histogram(twice_missed),
        rated_bookings - coalesce(len(twice_rated), 0),
        once_missed
    );

create or replace macro one_session_counts_in(sums) as struct_pack(
    sessions := least(1, sums.bookings),
    sessions_unmarked := least(1, sums.unmarked_bookings),
    session_squares := sums.rated_bookings * sums.rated_bookings
);

-- Squares and products over groups that hold rated and missed bookings: maps of groups to numbers of bookings.
create or replace macro cluster_sums(rated, missed) as struct_pack(
    squares := squares_of(map_values(rated)),
    products := coalesce(list_sum(list_transform(
        map_entries(missed), lambda each: each.value::bigint * rated[each.key]::bigint
    )), 0)::bigint,
    missed_squares := squares_of(map_values(missed))
);

comment on macro contact_of is 'The contact of a row p; null if it is unknown, or stands for several bookings';
comment on macro unknown_contacts is 'Rated bookings of rows p whose contact is unknown';
comment on macro squares_of is 'Sum of the squares of a list of numbers';
comment on macro times_in_list is 'Bookings of each session among the rows p that meet a condition, as a map';
comment on macro session_counts_of is 'Different sessions of rows p, and the squares of their rated bookings';
comment on macro one_session_counts_in is 'session_counts_of rows of one session, from their sums';
comment on macro contact_sums is 'Counts by contact, from the squares and the contacts with most no-shows';
comment on macro contact_counts_in is
    'Counts by contact, from maps of contacts to rated bookings and no-shows, and numbers of further contacts with one';
comment on macro contact_counts_of is 'Counts by contact of rows p';
comment on macro contacts_twice is 'Contacts of the rows p that meet a condition, if they booked the session twice';
comment on macro contact_counts_of_session is
    'Counts by contact in one session, from the lists of contacts that booked it twice';
comment on macro cluster_sums is 'Squares and products of rated bookings and no-shows, from two maps';
