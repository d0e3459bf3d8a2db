-- The path in records that a later load took out of quarantine.
update internal.replaced_row set content = json_merge_patch(content::json, json_object('file', $file))::varchar
where entity = 'quarantine' and load_id = $load_id
