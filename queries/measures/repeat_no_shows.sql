-- Contacts with two or more no-shows within any year: the most in one year, and the whole record of the contact. Each
-- no-show counts those in the year up to it, and the greatest of these counts is the most in any year.
with
missed as (
    select
        part,
        participant_id,
        count(*) over (
            partition by part, participant_id order by local_date
            range between interval 1 year preceding and current row
        ) as in_a_year
    from facts
    where participant_id is not null and is_missed
),
often as (
    select part, participant_id, max(in_a_year) as no_shows_in_a_year
    from missed
    group by part, participant_id
    having max(in_a_year) >= 2
)
select
    o.part,
    o.participant_id,
    max(f.participant_name) as participant_name,
    o.no_shows_in_a_year,
    count(*) filter (f.is_missed) as no_shows,
    count(*) filter (f.is_rated) as rated_bookings,
    count(f.outcome) as bookings,
    max(f.local_date) filter (f.is_missed) as last_no_show
from facts as f
join often as o on o.participant_id = f.participant_id and o.part is not distinct from f.part
where f.outcome is not null
group by o.part, o.participant_id, o.no_shows_in_a_year
order by o.part, o.no_shows_in_a_year desc, no_shows desc, o.participant_id
