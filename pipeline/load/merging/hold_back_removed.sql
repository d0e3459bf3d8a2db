-- Of a file that is read again for its new columns, judge as stale the rows that a later load removed.
insert into judged_{entity} (staged_row, record, verdict)
select
    staged_row,
    record,
    'stale'
from staged_{entity}
where staged_row not in (select staged_row from judged_{entity})
    and {row_key} in (select row_key from internal.replaced_row where entity = '{entity}' and replaced_by > $read_before)
