-- Drop the staged rows of records that went to quarantine.
delete from staged_{entity}
where record in (select record from set_aside)
