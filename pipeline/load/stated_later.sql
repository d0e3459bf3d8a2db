-- Whether an attendance was stated later than its deletion: by the sequence of its events if both have one, else by the
-- moments. A statement without a moment counts as older.
create or replace temp macro stated_later(event_sequence, stated_at, deletion_sequence, deleted_at) as
    case when event_sequence is not null and deletion_sequence is not null then event_sequence > deletion_sequence
    else coalesce(stated_at > deleted_at, false) end
