-- The most no-shows of one contact within any year; the whole record of the contact beside it.
select
    part,
    participant_id,
    max(participant_name) as participant_name,
    max(in_a_year) as no_shows_in_a_year,
    count(*) filter (outcome = 'not_attended') as no_shows,
    count(*) filter (is_marked) as marked_bookings,
    count(outcome) as bookings,
    max(local_date) filter (outcome = 'not_attended') as last_no_show
from (
    select
        *,
        count(*) filter (outcome = 'not_attended') over (
            partition by part, participant_id order by local_date
            range between interval 1 year preceding and current row
        ) as in_a_year
    from facts
    where participant_id is not null and outcome is not null
)
group by part, participant_id
having max(in_a_year) >= 2
order by part, no_shows_in_a_year desc, no_shows desc, participant_id
