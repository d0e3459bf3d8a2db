-- Note notifications that were asked for.
insert into participant_notification by name
select unnest(
    $rows::struct(
        booking_id uuid, session_key varchar, notify_participants boolean, message varchar, requested_at timestamp
    )[],
    recursive := true
)
