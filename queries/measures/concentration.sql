-- How many contacts have so many rated bookings and so many no-shows: nobody is named. Rows that stand for several
-- bookings have no contact.
with person as (
    select
        part,
        participant_id,
        count(*) as rated_bookings,
        count(*) filter (is_missed) as missed_bookings
    from facts
    where is_rated and participant_id is not null and weight = 1
    group by part, participant_id
)
select part, rated_bookings, missed_bookings, count(*) as people
from person
group by part, rated_bookings, missed_bookings
order by part, missed_bookings desc, rated_bookings
