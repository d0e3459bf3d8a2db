-- A source that gives dates only has its sessions at midnight: those of today have not begun.
create or replace macro is_yet_to_begin(starts_at, local_start, time_zone, as_of) as coalesce(
    starts_at > as_of or (
        local_start = local_start::date and local_start::date >= timezone(time_zone, timezone('UTC', as_of))::date
    ),
    false
);

-- A booking made when its session had begun, as at the desk for those who walk in, was never ahead: who made it came.
create or replace macro is_made_before(created_at, starts_at, local_start, lead_days) as coalesce(
    created_at <= starts_at or (local_start = local_start::date and lead_days >= 0),
    true
);

-- Facts known of a booking before its session begins: the columns that are marked as such, and the person's own
-- outcomes that were due by then. Rows: bookings of the past that are rated (is_past, with is_missed) and were made before
-- their session, and confirmed bookings of sessions that have not begun, made by that moment (is_ahead).
create or replace macro known_before_at(as_of) as table
with
confirmed as (
    select
        {known_before},
        coalesce(is_rated and due_at <= as_of, false) as is_past,
        coalesce(due_at > as_of, false) and is_yet_to_begin(starts_at, local_start, time_zone, as_of)
            and coalesce(created_at <= as_of, true) as is_ahead,
        is_made_before(created_at, starts_at, local_start, lead_days) as is_made_before,
        is_missed
    from booking_session
    where place = 'confirmed'
),
-- The bookings and no-shows of a contact that were due by each moment.
history as (
    select
        participant_id,
        due_at,
        sum(count(*)) over known as bookings,
        sum(count(*) filter (is_missed)) over known as no_shows
    from confirmed
    where is_past and participant_id is not null
    group by participant_id, due_at
    window known as (partition by participant_id order by due_at)
)
select
    c.* exclude (is_missed, is_made_before),
    c.is_past and c.is_missed as is_missed,
    coalesce(h.bookings, 0)::bigint as earlier_bookings,
    coalesce(h.no_shows, 0)::bigint as earlier_no_shows
from confirmed as c
asof left join history as h on h.participant_id = c.participant_id and h.due_at <= c.starts_at
where (c.is_past and c.is_made_before) or c.is_ahead;

-- The features of a row of known_before_at, each with its level and value; attributes are features by their own names.
create or replace macro risk_features(p) as list_filter(
    list_concat(
        [
            {features}
        ],
        list_transform(
            coalesce(json_keys(p.attributes), []),
            lambda name: struct_pack(
                feature := '{attributes}' || name,
                level := json_extract_string(p.attributes, '$.' || name),
                value := 1::double
            )
        )
    ),
    lambda each: each.level is not null
);

comment on macro is_yet_to_begin is 'Whether a session has not begun at a UTC timestamp; one without a time has not until its day is over';
comment on macro is_made_before is 'Whether a booking was made before its session began';
comment on macro table known_before_at is
    'Rated bookings of the past and bookings ahead, with columns known before the session only, as of a UTC timestamp';
comment on macro risk_features is 'The features of a row of known_before_at: a list of feature, level and value';
