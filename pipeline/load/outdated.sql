-- Loads that were made before the bound and can still be taken back.
create or replace temp table outdated_load as
select load_id from load_ledger where started_at < $bound and not is_final
