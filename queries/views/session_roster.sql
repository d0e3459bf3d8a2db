-- The roster with every column that follows from others of its row. The status decides who came: attended by 0 counts
-- as attended by 1, and is a contradiction.
create or replace view session_roster as
select
    {columns}
from (
    select
        *,
        concat_ws(', ', service, strftime(local_start, '%a %H:%M'), location, staff) as series,
        local_start::date as local_date,
        isodow(local_start) as local_weekday,
        hour(local_start) as local_hour,
        case outcome when 'attended' then greatest(1, number_of_attendees) when 'not_attended' then 0 end as came,
        case outcome when 'attended' then greatest(0, booked - greatest(1, number_of_attendees))
            when 'not_attended' then booked end as absent,
        case outcome when 'attended' then greatest(0, greatest(1, number_of_attendees) - booked)
            when 'not_attended' then 0 end as walk_ins,
        coalesce({is_marked}, false) as is_marked,
        coalesce(outcome = 'attended' and greatest(1, number_of_attendees) < booked, false) as is_partial,
        coalesce(outcome = 'attended' and booked > 1 and number_of_attendees = 1, false) as is_doubtful_default,
        coalesce((outcome = 'attended' and number_of_attendees = 0)
            or (outcome = 'not_attended' and number_of_attendees >= 2), false) as is_contradiction
    from known_roster
);

comment on view session_roster is
    'booking_session, and the sessions that nobody booked with null for the booking';
