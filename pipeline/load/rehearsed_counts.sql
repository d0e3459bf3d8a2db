-- Bookings and marks are counted as in the figures: a row of a summed report counts as all that it stands for.
with marks as (
    select a.status, a.excused, coalesce(b.weight, 1) as weight
    from attendance a left join booking b on b.id = a.booking_id
),
bookings as (
    select *, coalesce(weight, 1) as n from booking
)
select
    (select coalesce(sum(n), 0)::bigint from bookings) as bookings,
    (select count(*) from session) as sessions,
    (select count(*) from service) as services,
    (select count(distinct contact_id) from booking) as people,
    (select coalesce(sum(weight), 0)::bigint from marks where status = 'ATTENDED') as attended,
    (select coalesce(sum(weight), 0)::bigint from marks where status = 'NOT_ATTENDED') as "no-shows",
    (select coalesce(sum(weight), 0)::bigint from marks where excused) as excused,
    (
        select coalesce(sum(n), 0)::bigint from bookings where status = 'CANCELED' and cancellation = 'early'
    ) as "early cancellations",
    (
        select coalesce(sum(n), 0)::bigint from bookings where status = 'CANCELED' and cancellation = 'late'
    ) as "late cancellations",
    (
        select coalesce(sum(n), 0)::bigint from bookings
        where status = 'CANCELED' and coalesce(cancellation, '') not in ('early', 'late')
    ) as "other cancellations",
    (
        select coalesce(sum(n), 0)::bigint from bookings where status not in ('CANCELED', 'CONFIRMED')
    ) as "other statuses",
    (
        select coalesce(sum(n), 0)::bigint from bookings b
        where b.status = 'CONFIRMED' and not exists (
            from attendance a where a.booking_id = b.id and (a.status <> 'NOT_SET' or a.excused)
        )
    ) as "not marked"
