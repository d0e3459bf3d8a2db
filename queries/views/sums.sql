-- Counts that are plain sums over rows `p` of counted_at, so that those of parts add up to those of the whole.
-- A sum over the rows that meet a condition, each as often as the bookings it stands for.
create or replace macro total(p, of, condition) as coalesce(sum(of * p.weight) filter (condition), 0)::bigint;

create or replace macro bookings_where(p, condition) as coalesce(sum(p.weight) filter (condition), 0)::bigint;

create or replace macro bookings_of(p, o) as bookings_where(p, p.outcome = o);

create or replace macro register_of(p, o) as bookings_where(p, p.outcome = o and p.marks = 'both');

create or replace macro no_show_sums(p) as struct_pack(
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
    doubtful_defaults := bookings_where(p, p.is_doubtful_default)
);

-- Money in two currencies cannot be added.
create or replace macro value_absent_of(p) as case when min(p.currency) is not distinct from max(p.currency)
    then sum(p.absent * p.price * p.weight)
end;

comment on macro total is 'Sum over the rows p that meet a condition, each as often as the bookings it stands for';
comment on macro bookings_where is 'Bookings of the rows p that meet a condition';
comment on macro bookings_of is 'Bookings of the rows p with an outcome';
comment on macro register_of is 'Bookings of the rows p with an outcome, of sources that record both sides';
comment on macro no_show_sums is 'Counts over rows p of counted_at that are plain sums, as one struct';
comment on macro value_absent_of is 'Absent participants of rows p times price, if in one currency';
