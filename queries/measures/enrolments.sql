select
    part,
    booking_id,
    max(service) as service,
    max(location) as location,
    max(participant_id) as participant_id,
    max(participant_name) as participant_name,
    count(*) filter (is_due and is_rated and not is_missed) as attended_bookings,
    count(*) filter (is_due and is_missed) as no_shows,
    count(*) filter (is_due and outcome = 'unmarked') as unmarked_bookings,
    count(*) filter (not is_due) as not_due
from roster
where is_course and place = 'confirmed'
group by part, booking_id
order by part, booking_id
