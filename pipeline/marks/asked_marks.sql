-- The marks that are asked for, by record: id, booking and session.
create or replace temp table asked_mark as
select unnest(
    $asked::struct(record bigint, id uuid, booking_id uuid, session_key varchar)[], recursive := true
)
