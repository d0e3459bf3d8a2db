-- The keys that the load brought validly, of those that an earlier load quarantined.
insert into brought
select
    '{entity}',
    {row_key}
from staged_{entity}
where staged_row in (
        select staged_row from verdict where entity = '{entity}' and verdict in ('loaded', 'unchanged')
    )
    and {row_key} in (select row_key from quarantine where entity = '{entity}' and load_id < $load_id)
