-- Quarantined records of earlier loads that this load brings again: with the same content, or validly under their key.
create or replace temp table superseded_rows as
select load_id, record
from quarantine
where load_id < $before
    and (
        (raw_sha256, kind) in (select (raw_sha256, kind) from quarantine where load_id = $load_id)
        or (entity, row_key) in (select (entity, row_key) from brought)
    )
