-- Of a file that is read again for its new columns, judge as stale the rows that a later load replaced.
update judged_{entity}
set verdict = 'stale'
where verdict = 'loaded'
    and met in (select met from met_{entity} where brought_by > $read_before)
