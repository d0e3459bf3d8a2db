-- The roster with every column that follows from others of its row. The status decides who came: attended by 0 counts
-- as attended by 1, and is a contradiction.
create or replace view session_roster as
select
    {columns}
from (
    select
        *,
        -- A source that gives dates only has its sessions at midnight, and no time to name.
        concat_ws(', ', service, replace(strftime(local_start, '%a %H:%M'), ' 00:00', ''), location, staff) as series,
        local_start::date as local_date,
        isodow(local_start) as local_weekday,
        hour(local_start) as local_hour,
        -- Who is presumed to have come without a mark came with the whole party.
        case
            when {is_missed} then 0
            when {is_rated} and attendance_status = 'ATTENDED' then greatest(1, number_of_attendees)
            when {is_rated} then booked
        end as came,
        -- greatest passes over nulls: an unknown number of absent would be 0.
        case when came is not null then greatest(0, booked - came) end as absent,
        case when came is not null then greatest(0, came - booked) end as walk_ins,
        coalesce({is_marked}, false) as is_marked,
        coalesce({is_rated}, false) as is_rated,
        coalesce({is_missed}, false) as is_missed,
        {is_counted} as is_counted,
        coalesce(came > 0 and came < booked, false) as is_partial,
        coalesce(came is not null and attendance_status = 'ATTENDED' and booked > 1 and number_of_attendees = 1, false)
            as is_doubtful_default,
        coalesce(outcome is not null and {is_contradiction}, false) as is_contradiction
    from known_roster
);

comment on view session_roster is
    'booking_session, and the sessions that nobody booked with null for the booking';
