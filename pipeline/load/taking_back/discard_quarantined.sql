-- Records that the load set aside count as discarded: a load's quarantined records are always those in quarantine +
-- retried + discarded + superseded.
update load_ledger
set discarded = discarded + (select count(*) from quarantine where load_id = $load_id),
    unloaded_at = timezone('UTC', get_current_timestamp())
where load_id = $load_id
