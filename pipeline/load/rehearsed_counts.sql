select
    (select count(*) from booking) as bookings,
    (select count(*) from session) as sessions,
    (select count(*) from service) as services,
    (select count(distinct contact_id) from booking) as people,
    (select count(*) from attendance where status = 'ATTENDED') as attended,
    (select count(*) from attendance where status = 'NOT_ATTENDED') as "no-shows",
    (select count(*) from attendance where excused) as excused,
    (select count(*) from booking where status = 'CANCELED' and cancellation = 'early') as "early cancellations",
    (select count(*) from booking where status = 'CANCELED' and cancellation = 'late') as "late cancellations",
    (
        select count(*) from booking where status = 'CANCELED' and coalesce(cancellation, '') not in ('early', 'late')
    ) as "other cancellations",
    (select count(*) from booking where status not in ('CANCELED', 'CONFIRMED')) as "other statuses",
    (
        select count(*) from booking b
        where b.status = 'CONFIRMED' and not exists (
            from attendance a where a.booking_id = b.id and (a.status <> 'NOT_SET' or a.excused)
        )
    ) as "not marked"
