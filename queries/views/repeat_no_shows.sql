create or replace view repeat_no_shows as
select * exclude (part)
from (
    {measured}
)
order by no_shows_in_a_year desc, no_shows desc, participant_id;

comment on view repeat_no_shows is 'Contacts with two or more no-shows within any one year, those with most first';
