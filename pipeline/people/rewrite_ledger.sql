update load_ledger
set file = $file, header = $header, warnings = $warnings::varchar[],
    ignored_fields = map($names::varchar[], $times::bigint[])
where load_id = $load_id
