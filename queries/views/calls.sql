-- The outcomes of the bookings on lists of calls. A booking that was cancelled or moved before its session was not missed:
-- a call that makes somebody cancel has saved a no-show. Not counted are those whose outcome is unknown or says nothing
-- about the person: unmarked, excused, or cancelled by the business.
create or replace macro call_results_at(as_of) as table
select
    * exclude (is_due),
    is_due and result in ('attended', 'presumed_attended', 'not_attended', 'presumed_missed', 'cancelled', 'moved')
        as is_compared,
    is_due and result in ('not_attended', 'presumed_missed') as is_missed
from (
    select
        l.booking_id,
        l.session_id,
        l.contact_id,
        l.starts_at,
        l.arm,
        l.hold_back,
        l.no_show_chance,
        l.listed_at,
        l.reported_at,
        l.is_reached,
        -- A booking that was moved away has no session here: it is due when the one on the list is, or moves would come
        -- in before the no-shows of the same evening.
        coalesce(p.due_at, s.ends_at + to_hours(site.grace_hours), l.starts_at + to_hours(site.grace_hours)) <= as_of
            as is_due,
        case
            when not is_due then 'not_due'
            when p.booking_id is null then 'moved'
            when p.place = 'confirmed' then p.outcome
            when p.place = 'cancelled' and p.cancellation is distinct from 'business' then 'cancelled'
            else 'business'
        end as result
    from call_list as l
    -- A booking that a load brought and `noshow unload` took back is none.
    join booking as b on b.id = l.booking_id
    cross join site
    left join booking_session as p on p.booking_id = l.booking_id and p.session_id = l.session_id
    left join known_session as s on s.session_id = l.session_id
    where l.listed_at <= as_of
);

create or replace view call_results as
from call_results_at(as_of_now())
order by starts_at, session_id, booking_id;

comment on macro table call_results_at is
    'Bookings on lists of calls, with their outcomes as of a UTC timestamp';
comment on view call_results is
    'Bookings on lists of calls: called or held back, and their outcomes';
