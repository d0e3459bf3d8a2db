update quarantine set file = $file where load_id = $load_id
