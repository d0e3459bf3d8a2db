-- Attendance without a booked session in the roster comes first: it is rare, so only few bookings and sessions are
-- looked up to find out why.
with
lost as (
    select a.booking_id, a.session_key
    from attendance as a
    anti join (select attendance_id from booking_session where attendance_id is not null) as p on p.attendance_id = a.id
),
contradicting as (
    select count(*) as status_contradicts_number
    from attendance
    where {status_contradicts}
),
flagged as (
    select
        count(*) filter (b.id is null) as unknown_booking,
        count(*) filter (b.id is not null and s.session_id is not null and b.booked_entity = 'slot') as moved_away,
        count(*) filter (b.id is not null and (s.session_id is null or b.booked_entity <> 'slot')) as unknown_session
    from lost as a
    left join (select id, booked_entity from booking) as b on b.id = a.booking_id
    -- The roster has every session that is known, so a session that it lacks was not loaded.
    left join (select distinct session_id from session_roster where session_id in (select session_key from lost)) as s
        on s.session_id = a.session_key
),
paired as (
    select
        count(*) filter (walk_ins > 0) as walk_in,
        count(*) filter (is_doubtful_default and due_at <= $as_of) as doubtful_default,
        count(*) filter (place = 'cancelled' and attendance_status in ('ATTENDED', 'NOT_ATTENDED')) as cancelled_but_marked,
        count(*) filter (lead_days < 0) as negative_lead_time,
        count(*) filter (is_marked and due_at > $as_of) as marked_before_due
    from booking_session
),
money as (
    select count(*) as money_of_unknown_booking
    from (select booking_id from payment union all select booking_id from fee) as m
    anti join booking as b on b.id = m.booking_id
)
select flag, meaning, rows
from contradicting, flagged, paired, money, lateral (
    values
    (1, 'status_contradicts_number', 'attended by nobody, or not attended by two or more: the status decides', status_contradicts_number),
    (2, 'unknown_booking', 'attendance of a booking that is not loaded', unknown_booking),
    (3, 'unknown_session', 'attendance of a session that is not loaded', unknown_session),
    (4, 'moved_away', 'attendance left behind on a session the booking has moved away from', moved_away),
    (5, 'cancelled_but_marked', 'cancelled booking with an attendance mark', cancelled_but_marked),
    (6, 'walk_in', 'more attendees than were booked', walk_in),
    (7, 'doubtful_default', 'party with one attendee, the default: the number may never have been entered', doubtful_default),
    (8, 'negative_lead_time', 'booked after the day of the session: left out of lead times', negative_lead_time),
    (9, 'marked_before_due', 'marked although the session is not over yet: not counted so far', marked_before_due),
    (10, 'money_of_unknown_booking', 'fee or payment of a booking that is not loaded: in no sum', money_of_unknown_booking)
) as t(position, flag, meaning, rows)
order by position
